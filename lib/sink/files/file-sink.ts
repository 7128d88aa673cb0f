// The rows of each batch in a file of its own below a folder: for laptops and tests, and for whatever is mounted there. A file
// appears whole or not at all, and only its owner may read it.

import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MicrobatchError, messageOf } from '../../error.ts'
import { type Oversized, OversizedRows } from '../oversized.ts'
import type { Sink } from '../sink.ts'
import { batchFiles } from './batch-files.ts'
import { type FileFormat, ndjson } from './file-format.ts'

export interface FileSinkOptions {
  /** Made where it is not there. */
  readonly folder: string
  /** `ndjson()`, or `parquet()` of `microbatch/sinks/parquet`. @default ndjson() */
  readonly format?: FileFormat
  /** Columns whose values are folders, as Spark's: `symbol=AAPL/`. The files do not have them. @default none */
  readonly partitionBy?: readonly string[]
  /** The column with the id of a row, by which a reader drops repeats; null leaves it out. @default '_id' */
  readonly idColumn?: string | null
  /** In update mode, the column by which a reader finds the newest row of an id. @default '_version' */
  readonly versionColumn?: string
  /**
   * What becomes of a row whose value of `partitionBy` is too long for the name of a folder: 255 bytes, of an S3 key 1024 in all.
   * @default 'deadLetter'
   */
  readonly oversized?: Oversized
  /** True where the folder outlives a container of Lambda, as one of EFS does. @default false */
  readonly isLasting?: boolean
}

/** NAME_MAX of Linux's file systems. */
const maxNameBytes = 255

/**
 * Writes the rows of each batch to `folder/QUERY/`, in append and in update mode. A batch that comes again with the same rows writes
 * the same files over; one that is cut otherwise may have a row twice, under one id.
 *
 * @throws MicrobatchError SINK_FAILED from `write`, naming the file; CONFIG_INVALID from a handler on Lambda, unless it is lasting
 * @example ticks.writeStream({ sinks: [fileSink({ folder: '.local/ticks', partitionBy: ['symbol'] })] })
 */
export function fileSink({
  folder,
  format = ndjson(),
  partitionBy = [],
  idColumn = '_id',
  versionColumn = '_version',
  oversized = 'deadLetter',
  isLasting = false,
}: FileSinkOptions): Sink<object> {
  return {
    description: format.name,
    outputModes: ['append', 'update'],
    isEphemeral: !isLasting,
    async write(batch, call) {
      const files = batchFiles(batch, { format, partitionBy, idColumn, versionColumn })
      const place = new OversizedRows({ query: batch.query, place: 'a folder', policy: oversized, call })
      const fitting = await place.without(files, ({ path, rows }) => ({
        rows,
        bytes: Math.max(...path.split('/').map((part) => Buffer.byteLength(part))),
        maxBytes: maxNameBytes,
      }))
      for (const { path, columns, rows } of fitting) {
        const file = join(folder, path)
        // Workers of one process share its number, and each has a copy of this module: only chance tells their files apart.
        const unfinished = join(dirname(file), `.${randomUUID()}.tmp`)
        try {
          await mkdir(dirname(file), { recursive: true, mode: 0o700 })
          await writeFile(unfinished, await format.encode(columns, rows), { mode: 0o600 })
          await rename(unfinished, file)
        } catch (cause) {
          const problem = `${file} cannot be written: ${messageOf(cause)}. Free the path, or name another folder.`
          throw new MicrobatchError('SINK_FAILED', problem, { cause })
        }
      }
    },
  }
}
