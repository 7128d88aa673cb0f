// `microbatch/sinks/parquet`: rows as a file of Parquet, its columns in the types that Spark gives them. It needs hyparquet-writer
// beside it.

import { ByteWriter, parquetWrite } from 'hyparquet-writer'
import type { FileFormat } from './file-format.ts'
import { elementsOf } from './parquet-columns.ts'

export interface ParquetOptions {
  /** Rows that a reader takes at a time. @default 100000 */
  readonly rowGroupSize?: number
}

/**
 * Files of Parquet, compressed with Snappy.
 * @example s3Sink({ bucket: 'ticks', format: parquet() })
 */
export const parquet = ({ rowGroupSize = 100_000 }: ParquetOptions = {}): FileFormat => ({
  name: 'parquet',
  extension: 'parquet',
  contentType: 'application/vnd.apache.parquet',
  async encode(columns, rows) {
    const made = columns.map(({ name, column, valueIn }) => ({ ...elementsOf(name, column), name, valueIn }))
    const writer = new ByteWriter()
    parquetWrite({
      writer,
      schema: [{ name: 'root', num_children: made.length }, ...made.flatMap(({ elements }) => elements)],
      columnData: made.map(({ name, valueIn, convert }) => ({
        name,
        data: rows.map((emitted) => {
          const value = valueIn(emitted)
          return value === null || value === undefined ? null : convert(value)
        }),
      })),
      rowGroupSize,
      createdBy: 'microbatch',
    })
    return new Uint8Array(writer.getBuffer())
  },
})
