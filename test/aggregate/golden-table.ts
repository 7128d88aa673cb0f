// Reads a golden file of test/golden: the rows Spark parsed, and its last complete table. Integers that a double cannot
// hold come as bigint, the strings that stand for NaN, infinities and -0.0 as numbers.

import { readdirSync, readFileSync } from 'node:fs'

export interface GoldenRow {
  readonly symbol: string | null
  readonly price: number | null
  readonly volume: number | bigint | null
  readonly timestamp: number | null
  readonly partition: number
  readonly offset: number
}

export interface GoldenGroup {
  readonly window_start?: number
  readonly window_end?: number
  readonly symbol: string | null
  readonly n: number
  readonly n_price: number
  readonly avg_price: number | null
  readonly min_price: number | null
  readonly max_price: number | null
  readonly sum_volume: number | bigint | null
}

interface Batch<Row> {
  readonly rows: readonly Row[]
}

/** A micro-batch of Spark with its progress. */
export interface GoldenBatch extends Batch<GoldenGroup> {
  readonly eventTime?: { readonly watermark: string }
  readonly state: {
    readonly numRowsDroppedByWatermark: number
    readonly numRowsTotal: number
    readonly numRowsUpdated: number
    readonly numRowsRemoved: number
  }
}

/** The micro-batches of each phase, or the words in which Spark refused the query. */
export type GoldenPhases = readonly (readonly GoldenBatch[])[] | { readonly error: string }

export interface GoldenQuery {
  readonly window?: string
  readonly slide?: string
  readonly start?: string
  readonly watermark?: string
}

/** A record as it was written to Kafka. */
export interface GoldenRecord {
  readonly partition: number
  readonly key: string | null
  readonly value?: string | null
  readonly value_b64?: string
  readonly kafka_timestamp: number
}

export interface GoldenFile {
  readonly name: string
  readonly batches: readonly { readonly input: readonly GoldenRecord[] }[]
  readonly query: GoldenQuery
  readonly expected: {
    readonly rows: readonly (readonly Batch<GoldenRow>[])[]
    readonly append: GoldenPhases
    readonly update: GoldenPhases
    readonly complete: readonly (readonly GoldenBatch[])[]
  }
}

const folder = new URL('../golden/', import.meta.url)
const numbers = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0.0', -0],
])
const numeric = new Set(['price', 'avg_price', 'min_price', 'max_price'])

/** The names of the files, without `.json`. */
export const goldenNames = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()

function revive(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value === 'string' && numeric.has(key)) return numbers.get(value) ?? value
  if (typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '') && !Number.isSafeInteger(value)) {
    return BigInt(context?.source ?? '')
  }
  return value
}

export function readGolden(name: string): GoldenFile {
  const file: GoldenFile = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'), revive)
  return file
}

/** The bytes of a record's value; null for a tombstone. */
export const bytesOf = ({ value = null, value_b64 }: GoldenRecord): Buffer | null =>
  value_b64 !== undefined ? Buffer.from(value_b64, 'base64') : value === null ? null : Buffer.from(value)

/** All rows Spark parsed, in the order of its micro-batches. */
export const rowsOf = (file: GoldenFile): readonly GoldenRow[] =>
  file.expected.rows.flatMap((phase) => phase.flatMap((batch) => batch.rows))

/** The whole table after the last micro-batch. */
export const tableOf = (file: GoldenFile): readonly GoldenGroup[] => file.expected.complete.flat().at(-1)?.rows ?? []
