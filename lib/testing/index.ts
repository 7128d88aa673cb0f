// What users' own tests import: `microbatch/testing`.

export { type AggregateLawsOptions, checkAggregateLaws } from './aggregate-laws.ts'
export {
  type CheckSinkOptions,
  checkSink,
  type FoundRow,
  type SinkFindings,
  type SinkPlace,
} from './check-sink.ts'
export { type TestBatch, type TestDriver, type TestDriverOptions, type TestRecord, testDriver } from './driver.ts'
export { type ExpectReplayOptions, expectReplay, type ReplayExpectation } from './expect-replay.ts'
export type { Death, Gate, SinkCheckMode } from './killed-stream.ts'
