// Spark's console sink: every batch that ran, printed as a table, also an empty one (ConsoleStreamingWrite of Spark 3.5).

import { type ShowOptions, showString } from './show-string.ts'
import type { Sink } from './sink.ts'

export interface ConsoleSinkOptions extends Omit<ShowOptions, 'columns'> {
  /** Takes one batch as text that ends in a line break. @default console.log, once per batch */
  readonly write?: (text: string) => void
}

const rule = '-'.repeat(43)

/**
 * Prints each batch as Spark's console sink does.
 * @example ticks.writeStream({ outputMode: 'append', sinks: [consoleSink({ truncate: false })] })
 */
export function consoleSink(options: ConsoleSinkOptions = {}): Sink<object> {
  const { write = console.log, ...show } = options
  return {
    description: 'org.apache.spark.sql.execution.streaming.ConsoleTable$',
    async write({ batchId, columns, rows }) {
      const table = showString(
        rows.map(({ row }) => row as Readonly<Record<string, unknown>>),
        { columns, ...show },
      )
      // One call for the whole block: the output of several workers interleaves call by call, not inside one.
      write(`${rule}\nBatch: ${batchId}\n${rule}\n${table}`)
    },
  }
}
