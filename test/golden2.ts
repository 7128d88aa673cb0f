// The files of test/golden2: what Spark 3.5.3 answered to the texts of their inputs. Schemas are Spark's DDL; values are compared in
// the form that the files have them in.

import { readFileSync } from 'node:fs'
import { array, bigint, byte, date, decimal, float, map, short, timestampNtz } from '../lib/decode/columns.ts'
import {
  binary,
  boolean,
  type Column,
  double,
  int,
  long,
  type Schema,
  string,
  struct,
  timestamp,
} from '../lib/decode/schema.ts'
import { timestampText } from '../lib/types/text/timestamp-text.ts'

export type GoldenRow = Readonly<Record<string, unknown>>
interface Batch {
  readonly rows: readonly GoldenRow[]
  readonly shows?: readonly string[]
  /** Where progress has them. */
  readonly eventTime?: { readonly watermark?: string }
  readonly state?: readonly StateCounts[]
}
/** Spark's counts of a stateful operator. */
export interface StateCounts {
  readonly numRowsTotal: number
  readonly numRowsUpdated: number
  readonly numRowsRemoved: number
  readonly numRowsDroppedByWatermark: number
}
/** What phases gave, or that Spark refused or died, after some of them. */
type Answer<Given> = Given | { readonly error: string; readonly phases?: Given }

export interface Golden {
  readonly schema: string
  readonly outputSchema?: string
  readonly shows?: readonly { readonly n: number; readonly truncate: number; readonly vertical: boolean }[]
  readonly batches: readonly { readonly input: readonly { readonly value: string | null }[] }[]
  readonly expected: {
    readonly append?: Answer<readonly (readonly Batch[])[]>
    readonly update?: Answer<readonly (readonly Batch[])[]>
    readonly complete?: Answer<readonly (readonly Batch[])[]>
    readonly batch?: Answer<Batch>
    readonly each?: readonly Answer<Batch>[]
  }
}

export const golden = (name: string): Golden => JSON.parse(readFileSync(`test/golden2/${name}.json`, 'utf8'))

/** The rows of the phases that Spark answered, and of the batch where there are no phases. */
export function answersOf({ expected: { append, batch } }: Golden): readonly GoldenRow[] {
  if (append !== undefined) {
    const phases = 'error' in append ? (append.phases ?? []) : append
    return phases.flat().flatMap(({ rows }) => rows)
  }
  return batch === undefined || 'error' in batch ? [] : batch.rows
}

/** @example schemaOf('a INT, s STRUCT<x: INT>') */
export function schemaOf(ddl: string): Schema<GoldenRow> {
  const columns = partsOf(ddl).map((part) => {
    const [, name = '', type = ''] = /^(\w+):? (.+)$/.exec(part) ?? []
    return [name, columnOf(type).nullable()] as const
  })
  return struct(Object.fromEntries(columns)) as Schema<GoldenRow>
}

const words: Readonly<Record<string, () => Column<unknown>>> = {
  STRING: string,
  DOUBLE: double,
  FLOAT: float,
  BIGINT: long,
  INT: int,
  SMALLINT: short,
  TINYINT: byte,
  BOOLEAN: boolean,
  TIMESTAMP: timestamp,
  TIMESTAMP_NTZ: timestampNtz,
  DATE: date,
  BINARY: binary,
  UNSIGNED: bigint,
}

function columnOf(type: string): Column<unknown> {
  const [, word = '', inner = ''] = /^(\w+)(?:[<(](.*)[>)])?$/.exec(type) ?? []
  const parts = partsOf(inner)
  if (word === 'ARRAY') return array(columnOf(inner).nullable())
  if (word === 'MAP') return map(columnOf(parts[1] ?? '').nullable())
  if (word === 'STRUCT') return schemaOf(inner)
  if (word === 'DECIMAL') return decimal(Number(parts[0]), Number(parts[1]))
  const make = words[word]
  if (make === undefined) throw new Error(`no type ${type}`)
  return make()
}

/** Cut at the commas that are in no brackets. */
const partsOf = (text: string): readonly string[] => {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    if ('<('.includes(character)) depth += 1
    if ('>)'.includes(character)) depth -= 1
    if (character === ',' && depth === 0) {
      parts.push(part.trim())
      part = ''
    } else part += character
  }
  return part === '' ? parts : [...parts, part.trim()]
}

/** A row in the form of the files. */
export const goldenRow = (columns: ReadonlyMap<string, Column<unknown>>, row: GoldenRow): GoldenRow =>
  Object.fromEntries(Array.from(columns, ([name, column]) => [name, goldenValue(column, row[name])]))

function goldenValue({ kind, type }: Column<unknown>, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (kind) {
    case 'decimal':
    case 'bigint':
      return String(value)
    case 'double':
    case 'float':
      return Object.is(value, -0) ? '-0.0' : Number.isFinite(value) ? value : String(value)
    case 'timestamp':
      return timestampText(value as number)
    case 'binary':
      return { b64: (value as Buffer).toString('base64') }
    case 'window': {
      const { start, end } = value as { readonly start: number; readonly end: number }
      return { start: timestampText(start), end: timestampText(end) }
    }
    case 'array':
      return (value as readonly unknown[]).map((element) => goldenValue(type.element ?? string(), element))
    case 'map': {
      const entries = [...(value as ReadonlyMap<string, unknown>)]
      const inOrder = entries.toSorted(([left], [right]) => (left < right ? -1 : 1))
      return { map: inOrder.map(([key, element]) => [key, goldenValue(type.element ?? string(), element)]) }
    }
    case 'struct': {
      const fields = Object.entries(value as GoldenRow)
      return Object.fromEntries(
        fields.map(([name, field]) => [name, goldenValue(fieldOf(type.sparkName, name), field)]),
      )
    }
    default:
      return value
  }
}

function fieldOf(sparkName: string, name: string): Column<unknown> {
  const column = schemaOf(sparkName.slice('STRUCT<'.length, -1)).columns.get(name)
  if (column === undefined) throw new Error(`no field ${name} in ${sparkName}`)
  return column
}
