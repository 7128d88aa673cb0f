// The one rule of versions: a row in append mode needs none, a group in update mode has its own, and a row of complete mode has the
// number of the table that it is of, so that the newest table is the one with the highest. Pure.

import type { EmittedRow, SinkBatch } from './sink.ts'

/**
 * @returns undefined where a row of an id is always the same
 * @example versionOf(batch, emitted) ?? 0
 */
export const versionOf = (
  { outputMode, batchId, number }: Pick<SinkBatch<never>, 'outputMode' | 'batchId' | 'number'>,
  { version }: Pick<EmittedRow<never>, 'version'>,
): number | undefined => (outputMode === 'complete' ? (batchId ?? number) : version)
