// Spark's to_json: a value of a column as JSON text (catalyst JacksonGenerator). Fields that are null are left out; nulls in lists and
// maps stay.

import type { Decimal } from '../../types/numbers/decimal-value.ts'
import { javaDouble, javaFloat } from '../../types/text/java-double.ts'
import type { Column } from '../schema.ts'

type Write = (value: unknown) => string

/**
 * Prepares the writing of a column's values, once.
 *
 * @param column an object, a list or a map, or any other type
 * @returns what writes a value; null for null
 * @example
 * const text = toJson(Trade)
 * trades.withColumn('json', ({ id, price }) => text({ id, price }), string())
 */
export function toJson<Value>(column: Column<Value>): <Given extends Value | null>(value: Given) => JsonOf<Given> {
  const write = writerOf(column)
  return <Given extends Value | null>(value: Given) =>
    (value === null || value === undefined ? null : write(value)) as JsonOf<Given>
}

type JsonOf<Given> = Given extends null ? null : string

function writerOf({ kind, type }: Column<unknown>): Write {
  switch (kind) {
    case 'string':
    case 'date':
      return (value) => quoted(String(value))
    case 'double':
      return (value) => number(javaDouble(value as number))
    case 'float':
      return (value) => number(javaFloat(value as number))
    case 'decimal':
      return (value) => javaDecimal(value as Decimal)
    case 'timestamp': {
      const zone = type.name === 'timestamp_ntz' ? '' : 'Z'
      return (value) => `"${new Date(value as number).toISOString().slice(0, -1)}${zone}"`
    }
    case 'binary':
      return (value) => `"${Buffer.from(value as Uint8Array).toString('base64')}"`
    case 'array': {
      const write = orNull(type.element)
      return (value) => `[${(value as readonly unknown[]).map(write).join(',')}]`
    }
    case 'map': {
      const write = orNull(type.element)
      return (value) =>
        `{${Array.from(value as ReadonlyMap<string, unknown>, ([key, part]) => `${quoted(key)}:${write(part)}`).join(',')}}`
    }
    case 'struct':
      return objectWriter(type.fields ?? new Map())
    default:
      return String
  }
}

const orNull = (column: Column<unknown> | undefined): Write => {
  const write = column === undefined ? String : writerOf(column)
  return (value) => (value === null || value === undefined ? 'null' : write(value))
}

function objectWriter(columns: ReadonlyMap<string, Column<unknown>>): Write {
  const fields = Array.from(columns, ([name, column]) => ({ name, key: quoted(name), write: writerOf(column) }))
  return (value) => {
    const written = fields.flatMap(({ name, key, write }) => {
      const field: unknown = Reflect.get(value as object, name)
      return field === null || field === undefined ? [] : [`${key}:${write(field)}`]
    })
    return `{${written.join(',')}}`
  }
}

/** NaN and the infinities stand in quotes. */
const number = (text: string): string => (/\d/.test(text) ? text : `"${text}"`)

/** JSON.stringify's text, but that Java has a question mark for half a surrogate pair. */
const quoted = (text: string): string => JSON.stringify(text.toWellFormed().replaceAll('\ufffd', replaced(text)))

const replaced = (text: string): string => (text.isWellFormed() ? '\ufffd' : '?')

/** BigDecimal.toString: plain as far as a millionth, then with an exponent. */
function javaDecimal(value: Decimal): string {
  const digits = String(value.unscaled).replace('-', '')
  const exponent = digits.length - 1 - value.scale
  if (value.scale === 0 || exponent >= -6) return value.toString()
  const sign = value.unscaled < 0n ? '-' : ''
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${sign}${digits[0]}${fraction}E${exponent}`
}
