// The form of a file of rows, and the port that formats implement: `ndjson()` here, `parquet()` in microbatch/sinks/parquet. A
// format gets the rows of one file and gives its bytes; it knows no folders and no buckets.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Column } from '../../decode/schema.ts'
import { rowJson, type TimeForm } from '../rows/row-json.ts'
import type { EmittedRow } from '../sink.ts'

/** A column of a file. */
export interface FileColumn {
  readonly name: string
  readonly column: Column<unknown>
  /** The value of a row; null or undefined where it has none. */
  readonly valueIn: (emitted: EmittedRow<object>) => unknown
}

export interface FileFormat {
  /** For messages, as Spark names a data source: `parquet`. */
  readonly name: string
  /** Without a dot before it: `ndjson.gz`. */
  readonly extension: string
  readonly contentType: string
  encode(columns: readonly FileColumn[], rows: readonly EmittedRow<object>[]): Promise<Uint8Array>
}

export interface NdjsonOptions {
  /** Times as epoch milliseconds, which `json(schema)` reads, or as ISO 8601, which DuckDB and Athena take for times. @default 'millis' */
  readonly times?: TimeForm
  /** @default false */
  readonly gzip?: boolean
}

const gzipped = promisify(gzip)

/**
 * A row of JSON on each line.
 * @example fileSink({ folder: 'out', format: ndjson({ times: 'iso' }) })
 */
export const ndjson = ({ times = 'millis', gzip: isGzipped = false }: NdjsonOptions = {}): FileFormat => ({
  name: 'json',
  extension: isGzipped ? 'ndjson.gz' : 'ndjson',
  contentType: 'application/x-ndjson',
  async encode(columns, rows) {
    const text = rowJson(new Map(columns.map(({ name, column }) => [name, column])), times)
    const lines = rows.map((emitted) => {
      const row = Object.fromEntries(columns.map(({ name, valueIn }) => [name, valueIn(emitted)]))
      return `${text(row)}\n`
    })
    const bytes = Buffer.from(lines.join(''))
    return isGzipped ? gzipped(bytes) : bytes
  },
})
