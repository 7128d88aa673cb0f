// The rows of a batch as files. A file has the same name whenever a batch comes again with the same rows, so that writing it again
// changes nothing; with other rows it has another name, so that no row is written over. Pure.

import { createHash } from 'node:crypto'
import { long, string } from '../../decode/schema.ts'
import { MicrobatchError } from '../../error.ts'
import { cellText } from '../cell.ts'
import type { EmittedRow, SinkBatch } from '../sink.ts'
import type { FileColumn, FileFormat } from './file-format.ts'

export interface BatchFilesOptions {
  readonly format: FileFormat
  /** Columns whose values are folders, as Spark's `partitionBy`: `symbol=AAPL/`. The files do not have them. */
  readonly partitionBy: readonly string[]
  /** The column with the id of a row, and the one with its version in update mode; null: the files have neither. */
  readonly idColumn: string | null
  readonly versionColumn: string
}

export interface BatchFile {
  /** Below the prefix of the sink: `bars/symbol=AAPL/ticks-0.15-18-<digest>.parquet`. */
  readonly path: string
  readonly columns: readonly FileColumn[]
  readonly rows: readonly EmittedRow<object>[]
}

/** @returns no file for a batch without rows */
export function batchFiles<Row>(batch: SinkBatch<Row>, options: BatchFilesOptions): readonly BatchFile[] {
  const { format, partitionBy } = options
  const columns = columnsOf(batch, options)
  const rows = batch.rows as readonly EmittedRow<object>[]
  return Array.from(byFolder(batch, rows, partitionBy), ([folder, part]) => ({
    path: `${[batch.query, ...(folder === '' ? [] : [folder])].join('/')}/${nameOf(batch.key, part)}.${format.extension}`,
    columns,
    rows: part,
  }))
}

function columnsOf<Row>({ query, columns, outputMode }: SinkBatch<Row>, options: BatchFilesOptions): FileColumn[] {
  const { partitionBy, idColumn, versionColumn } = options
  const missing = partitionBy.find((name) => !columns.has(name))
  if (missing !== undefined) {
    const problem = `${query}: partitionBy names ${missing}, and the rows have ${[...columns.keys()].join(', ')}.`
    throw new MicrobatchError('SINK_FAILED', `${problem} Name a column that they have.`)
  }
  const own = Array.from(
    columns,
    ([name, column]): FileColumn => ({
      name,
      column,
      valueIn: ({ row }) => Reflect.get(row, name),
    }),
  ).filter(({ name }) => !partitionBy.includes(name))
  if (idColumn === null) return own
  const id: FileColumn = { name: idColumn, column: string(), valueIn: ({ id: given }) => given }
  const version: FileColumn = { name: versionColumn, column: long(), valueIn: ({ version: given = 0 }) => given }
  const added = outputMode === 'update' ? [id, version] : [id]
  const taken = added.find(({ name }) => columns.has(name))
  if (taken === undefined) return [...own, ...added]
  const problem = `${query}: the rows have a column ${taken.name} of their own, which the files have for ids or versions.`
  throw new MicrobatchError('SINK_FAILED', `${problem} Give the sink another idColumn or versionColumn.`)
}

function byFolder<Row>(
  { columns }: SinkBatch<Row>,
  rows: readonly EmittedRow<object>[],
  partitionBy: readonly string[],
): ReadonlyMap<string, readonly EmittedRow<object>[]> {
  const folders = new Map<string, EmittedRow<object>[]>()
  for (const emitted of rows) {
    const folder = partitionBy
      .map((name) => {
        const value: unknown = Reflect.get(emitted.row, name)
        const type = columns.get(name)?.type
        return `${escaped(name)}=${value === null || value === undefined || type === undefined ? noValue : escaped(cellText(value, type))}`
      })
      .join('/')
    const part = folders.get(folder)
    if (part === undefined) folders.set(folder, [emitted])
    else part.push(emitted)
  }
  return folders
}

/** What Hive, and Spark after it, calls the folder of null. An empty text has the same, since no folder has an empty name. */
const noValue = '__HIVE_DEFAULT_PARTITION__'

/** What a path may not have, as Spark escapes it (ExternalCatalogUtils.escapePathName), and what S3 asks to avoid. */
function escaped(text: string): string {
  if (text === '') return noValue
  const safe = text.replace(/[\x00-\x1f\x7f"#%'*/:=?\\{}[\]^|<>~`]/g, percent)
  return safe === '.' || safe === '..' ? safe.replaceAll('.', percent) : safe
}

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

const maxReadable = 100

/** Which offsets, for people, and a digest of which rows: `ticks-0.15-18-4f1c…`. */
function nameOf(key: string, rows: readonly EmittedRow<object>[]): string {
  const ids = rows.map(({ id, version = 0 }) => `${version} ${id}`).sort()
  const digest = createHash('sha256')
    .update(`${key}\n${ids.join('\n')}`)
    .digest('hex')
    .slice(0, 24)
  const readable = key.replaceAll(':', '.').replace(/[^\w.-]+/g, '_')
  return `${readable.slice(0, maxReadable)}-${digest}`
}
