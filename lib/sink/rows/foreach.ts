// Rows to any code, in Spark's words: foreachBatch gets the rows of a batch together, foreach one row after the other. What Spark
// gives as the number of a batch is here beside what tells a batch that comes again: its key, and the ids of its rows.

import type { EmittedRow, Sink, SinkBatch } from '../sink.ts'

/**
 * Gives each batch to a function, and waits for it. At least once: a batch that fails comes again, so the function must take the
 * same rows twice; `batch.key` is the same then, and so are the ids in `batch.rows`.
 *
 * @param write rejects, or throws, where the rows are not safe: the batch fails and comes again
 * @example
 * ticks.writeStream({ sinks: [foreachBatch(async (rows, { key }) => { await table.replace(key, rows) })] })
 */
export const foreachBatch = <Row>(
  write: (rows: readonly Row[], batch: SinkBatch<Row>) => void | Promise<void>,
): Sink<Row> => ({
  description: 'foreachBatch',
  async write(batch) {
    await write(
      batch.rows.map(({ row }) => row),
      batch,
    )
  },
})

/** Spark's ForeachWriter. */
export interface ForeachWriter<Row> {
  /** Before the rows of a batch. With false the batch is left out: it is known by its key already. */
  open?(batch: SinkBatch<Row>): boolean | undefined | Promise<boolean | undefined>
  process(row: Row, emitted: EmittedRow<Row>): void | Promise<void>
  /** After the rows, also where one of them failed: then with what was thrown, which fails the batch. */
  close?(error: unknown): void | Promise<void>
}

/**
 * Gives each row to a function or a writer, one after the other. At least once, as foreachBatch.
 *
 * @example ticks.writeStream({ sinks: [foreach(async (tick, { id }) => { await cache.set(id, tick) })] })
 */
export function foreach<Row>(given: ForeachWriter<Row> | ForeachWriter<Row>['process']): Sink<Row> {
  const writer: ForeachWriter<Row> = typeof given === 'function' ? { process: given } : given
  return {
    description: 'foreach',
    async write(batch) {
      if ((await writer.open?.(batch)) === false) return
      try {
        for (const emitted of batch.rows) await writer.process(emitted.row, emitted)
      } catch (error) {
        await writer.close?.(error)
        throw error
      }
      await writer.close?.(null)
    },
  }
}
