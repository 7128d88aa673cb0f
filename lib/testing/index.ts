// What users' own tests import: `microbatch/testing`.

export { type TestBatch, type TestDriver, type TestDriverOptions, type TestRecord, testDriver } from './driver.ts'
