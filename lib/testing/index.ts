// What users' own tests import: `microbatch/testing`.

export { type AggregateLawsOptions, checkAggregateLaws } from './aggregate-laws.ts'
export { type TestBatch, type TestDriver, type TestDriverOptions, type TestRecord, testDriver } from './driver.ts'
export { type ExpectReplayOptions, expectReplay, type ReplayExpectation } from './expect-replay.ts'
