// Rows kept in memory, for tests and for a look on a laptop. Its table is what a keyed reader of any sink has: of each id the
// newest row, of complete mode the newest table.

import type { EmittedRow, Sink, SinkBatch } from '../sink.ts'
import { versionOf } from '../version-of.ts'

export interface MemorySink<Row> extends Sink<Row> {
  /** The table: of each id its newest row, in the order in which the ids came first; in complete mode the newest table. */
  readonly rows: readonly Row[]
  /** The same by their ids. */
  readonly byId: ReadonlyMap<string, EmittedRow<Row>>
  /** Each batch as it was given, repeats among them. */
  readonly batches: readonly SinkBatch<Row>[]
}

/**
 * A sink that keeps what it is given. Not for AWS, where it would grow for the life of a container.
 *
 * @example
 * const table = memorySink<Bar>()
 * const driver = testDriver(bars.writeStream({ outputMode: 'update', sinks: [table] }))
 * await driver.addRows([{ symbol: 'AAPL', price: 150.5 }])
 * table.rows // [{ symbol: 'AAPL', ticks: 1 }]
 */
export function memorySink<Row>(): MemorySink<Row> {
  const batches: SinkBatch<Row>[] = []
  let table = new Map<string, EmittedRow<Row>>()
  let tableOf = -1
  return {
    description: 'memory',
    batches,
    get byId() {
      return table
    },
    get rows() {
      return Array.from(table.values(), ({ row }) => row)
    },
    async write(batch) {
      batches.push(batch)
      if (batch.outputMode === 'complete') {
        const number = versionOf(batch, {}) ?? 0
        if (number < tableOf) return
        tableOf = number
        table = new Map(batch.rows.map((emitted) => [emitted.id, emitted]))
        return
      }
      for (const emitted of batch.rows) {
        const kept = table.get(emitted.id)
        if (kept === undefined || (emitted.version ?? 0) >= (kept.version ?? 0)) table.set(emitted.id, emitted)
      }
    },
  }
}
