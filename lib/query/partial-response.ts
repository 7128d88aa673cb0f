// A batch of a query without state in which one partition may fail and the others succeed. The batch is tried whole, as it
// always is; only when that fails is it taken apart, each partition by itself, and in a partition the records before the one
// that is at fault. Rows that were written in the first try are written again, under the same ids.

import { MicrobatchError } from '../error.ts'
import { type KafkaRow, topicPartition } from '../event/kafka-row.ts'

export interface PartialBatch<Result> {
  /** The results of the micro-batches that succeeded. */
  readonly results: readonly Result[]
  /** All records of each partition that failed, from the first failed one on, in order. */
  readonly failed: readonly KafkaRow[]
  /** Why, one for each partition that failed. */
  readonly errors: readonly unknown[]
}

/**
 * @param records of all partitions, ascending inside each
 * @param run one micro-batch, all or nothing
 * @throws the error of the whole batch where no record of it succeeded
 */
export async function partialBatch<Result>(
  records: readonly KafkaRow[],
  run: (records: readonly KafkaRow[]) => Promise<Result>,
): Promise<PartialBatch<Result>> {
  let whole: unknown
  try {
    return { results: [await run(records)], failed: [], errors: [] }
  } catch (error) {
    whole = error
  }
  const results: Result[] = []
  const failed: KafkaRow[] = []
  const errors: unknown[] = []
  // One after the other, in the order of the batch: sinks are given one batch at a time.
  for (const partition of Map.groupBy(records, topicPartition).values()) {
    const outcome = await longestPrefix(partition, run)
    if (outcome.result !== null) results.push(outcome.result.value)
    failed.push(...partition.slice(outcome.taken))
    if (outcome.taken < partition.length) errors.push(outcome.error)
  }
  if (results.length === 0) throw whole
  return { results, failed, errors }
}

interface Prefix<Result> {
  /** How many records succeeded. */
  readonly taken: number
  readonly result: { readonly value: Result } | null
  readonly error: unknown
}

/** All records of a partition; or, where one of them is at fault, those before it; or none. */
async function longestPrefix<Result>(
  records: readonly KafkaRow[],
  run: (records: readonly KafkaRow[]) => Promise<Result>,
): Promise<Prefix<Result>> {
  let taken = records.length
  let cause: unknown
  while (taken > 0) {
    try {
      return { taken, result: { value: await run(records.slice(0, taken)) }, error: cause }
    } catch (error) {
      cause = error
      // Each try is shorter than the last: the record at fault is within, or nothing of the partition goes.
      taken = Math.max(0, records.slice(0, taken).findIndex(isAtFault(error)))
    }
  }
  return { taken: 0, result: null, error: cause }
}

const isAtFault =
  (error: unknown) =>
  (record: KafkaRow): boolean =>
    error instanceof MicrobatchError &&
    error.at !== null &&
    error.at.offset === record.offset &&
    topicPartition(error.at) === topicPartition(record)
