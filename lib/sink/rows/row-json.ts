// A row -> the text of its JSON, by the types of its columns: what a topic, a file of NDJSON or a queue has. Exact: decimals and
// whole numbers of 64 bits are numbers with all their digits, and `json(schema)` reads back the row that was written.

import type { Column } from '../../decode/schema.ts'
import type { ColumnType } from '../../types/column-type.ts'
import type { OutputColumns } from '../output-columns.ts'

/** How times are written: epoch milliseconds, as rows have them, or ISO 8601 in UTC. */
export type TimeForm = 'millis' | 'iso'

/** How numbers are written that a double does not hold: as numbers with all their digits, or as text, for those that read doubles. */
export type ExactForm = 'number' | 'text'

export type RowText = (row: object) => string

type ValueText = (value: unknown) => string

/**
 * @returns a function from a row to an object of JSON on one line, its columns in their order
 * @example rowJson(columns)({ symbol: 'AAPL', price: 150.5 }) // '{"symbol":"AAPL","price":150.5}'
 */
export const rowJson = (columns: OutputColumns, times: TimeForm = 'millis', exact: ExactForm = 'number'): RowText =>
  objectText(columns, { times, exact })

interface Forms {
  readonly times: TimeForm
  readonly exact: ExactForm
}

function objectText(columns: ReadonlyMap<string, Column<unknown>>, forms: Forms): RowText {
  const fields = Array.from(columns, ([name, { type }], i) => ({
    name,
    start: `${i === 0 ? '' : ','}${JSON.stringify(name)}:`,
    text: nullable(valueText(type, forms)),
  }))
  return (row) => {
    let text = '{'
    for (const { name, start, text: write } of fields) text += start + write(Reflect.get(row, name))
    return `${text}}`
  }
}

const nullable =
  (text: ValueText): ValueText =>
  (value) =>
    value === null || value === undefined ? 'null' : text(value)

/** The text of a value that is not null. */
function valueText(type: ColumnType, forms: Forms): ValueText {
  const { times, exact } = forms
  switch (type.kind) {
    case 'double':
    case 'float':
      return (value) => numberText(Number(value))
    case 'decimal':
    case 'bigint':
      return exact === 'text' ? (value) => JSON.stringify(String(value)) : String
    case 'timestamp':
      // A time without a zone has no other form that says so.
      if (type.name === 'timestamp_ntz') return (value) => JSON.stringify(isoText(value).slice(0, -1))
      return times === 'iso' ? (value) => JSON.stringify(isoText(value)) : String
    case 'binary':
      return (value) => JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'))
    case 'window': {
      const bound = times === 'iso' ? (value: unknown) => JSON.stringify(isoText(value)) : String
      return (value) => {
        const { start, end } = value as { readonly start: number; readonly end: number }
        return `{"start":${bound(start)},"end":${bound(end)}}`
      }
    }
    case 'array': {
      const element = nullable(type.element === undefined ? inferredText : valueText(type.element.type, forms))
      return (value) => `[${(value as readonly unknown[]).map(element).join(',')}]`
    }
    case 'map': {
      const element = nullable(type.element === undefined ? inferredText : valueText(type.element.type, forms))
      return (value) =>
        `{${Array.from(value as ReadonlyMap<string, unknown>, ([key, part]) => `${JSON.stringify(key)}:${element(part)}`).join(',')}}`
    }
    case 'struct':
      return type.fields === undefined ? inferredText : (objectText(type.fields, forms) as ValueText)
    case 'inferred':
      return inferredText
    default:
      return (value) => JSON.stringify(value)
  }
}

/** JSON has no word for these: Spark's to_json writes them as text. */
const numberText = (value: number): string => {
  if (!Number.isFinite(value)) return JSON.stringify(String(value))
  return Object.is(value, -0) ? '-0' : String(value)
}

const isoText = (epochMs: unknown): string => new Date(Number(epochMs)).toISOString()

/** A value whose type nobody has declared: what JSON.stringify makes of it, with the exact values in their exact form. */
export function inferredText(value: unknown): string {
  return (
    JSON.stringify(value, function replaced(this: unknown, key: string, given: unknown): unknown {
      // JSON.stringify has called toJSON by now: of a Buffer, a Date.
      const original: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : given
      if (original instanceof Uint8Array) return Buffer.from(original).toString('base64')
      if (original instanceof Map) return Object.fromEntries(original)
      if (typeof given === 'bigint') return String(given)
      if (typeof given === 'number' && !Number.isFinite(given)) return String(given)
      return given
    }) ?? 'null'
  )
}
