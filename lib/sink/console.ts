// Spark's console sink: every batch that ran, printed as a table, also an empty one (ConsoleStreamingWrite of Spark 3.5). Where
// Spark's application has a terminal of its own, here several queries print to one: each table says whose it is.

import { type ShowOptions, showString } from './show-string.ts'
import type { Sink } from './sink.ts'

export interface ConsoleSinkOptions extends Omit<ShowOptions, 'columns'> {
  /** Whether the header names the query: `Batch: 7 (bars)`; Spark's is `Batch: 7`. @default true */
  readonly showQuery?: boolean
  /** Takes one batch as text that ends in a line break. @default console.log, once per batch */
  readonly write?: (text: string) => void
}

const rule = '-'.repeat(43)

/**
 * Prints each batch as Spark's console sink does, with the name of the query in its header.
 * @example ticks.writeStream({ outputMode: 'append', sinks: [consoleSink({ truncate: false })] })
 */
export function consoleSink(options: ConsoleSinkOptions = {}): Sink<object> {
  const { write = console.log, showQuery = true, ...show } = options
  return {
    description: 'org.apache.spark.sql.execution.streaming.ConsoleTable$',
    async write({ query, number, columns, rows }) {
      const table = showString(
        rows.map(({ row }) => row as Readonly<Record<string, unknown>>),
        { columns, ...show },
      )
      // One call for the whole block: the output of several workers interleaves call by call, not inside one.
      write(`${rule}\nBatch: ${number}${showQuery ? ` (${query})` : ''}\n${rule}\n${table}`)
    },
  }
}
