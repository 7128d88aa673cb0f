// A column that a function made and gave no type: it prints by its values, and nothing keeps it in state. Whoever runs the
// function holds the column to the form of its first value (query/held/held-value.ts).

import { binaryType, bytesText } from './binary.ts'
import { booleanType } from './boolean.ts'
import type { ColumnType } from './column-type.ts'
import { doubleType } from './double.ts'
import { incompatible } from './kept-value.ts'
import { stringType } from './string.ts'
import { javaDouble } from './text/java-double.ts'
import { timestampText } from './text/timestamp-text.ts'
import { windowType } from './window.ts'

/** A number prints as a double: that is what Spark's arithmetic on prices gives. */
export const inferredType: ColumnType = {
  kind: 'inferred',
  name: 'inferred',
  sparkName: 'UNKNOWN',
  isNumeric: false,
  json: { wanted: 'nothing', isWhole: false, read: () => undefined, readLenient: () => undefined },
  plain: null,
  wanted: 'a value',
  hold: (value) => (formOf(value) === null ? undefined : value),
  print(value, maxLength) {
    try {
      return printed(value, maxLength)
    } catch {
      // A function may give an object whose properties throw: the sink goes on.
      return '?'
    }
  },
  domain: {
    isPrimitive: false,
    compare,
    encode: (value) => {
      throw incompatible(value, 'a value of a declared type')
    },
    decode: (encoded) => {
      throw incompatible(encoded, 'a value of a declared type')
    },
    canonical: (value) => value,
  },
}

/** What a value that is not null is, in words; null where it cannot be in a row: a function, a symbol, a promise. */
export function formOf(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return 'a string'
    case 'number':
      return 'a number'
    case 'bigint':
      return 'a bigint'
    case 'boolean':
      return 'true or false'
    case 'object':
      if (value instanceof Uint8Array) return 'bytes'
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : 'a Date'
      if (value instanceof Promise) return null
      return Array.isArray(value) ? 'a list' : 'an object'
    default:
      return null
  }
}

/** An array or an object of which some items are written. */
interface Open {
  readonly items: Iterator<unknown>
  readonly close: string
  isFirst: boolean
}

/** A list of what is open, in the place of recursion: a function of the query may have parsed a record of any depth. */
function printed(value: unknown, maxLength: number): string {
  const open: Open[] = []
  let text = ''
  const begin = (next: unknown): void => {
    if (typeof next !== 'object' || next === null || next instanceof Uint8Array || next instanceof Date) {
      text += scalarText(next, maxLength)
    } else if (Array.isArray(next)) {
      text += '['
      open.push({ items: next.values(), close: ']', isFirst: true })
    } else {
      text += '{'
      open.push({ items: Object.values(next).values(), close: '}', isFirst: true })
    }
  }
  begin(value)
  for (let last = open.at(-1); last !== undefined && text.length <= maxLength; last = open.at(-1)) {
    const item = last.items.next()
    if (item.done === true) {
      text += last.close
      open.pop()
      continue
    }
    if (!last.isFirst) text += ', '
    last.isFirst = false
    begin(item.value)
  }
  return text
}

function scalarText(value: unknown, maxLength: number): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number') return javaDouble(value)
  if (value instanceof Uint8Array) return bytesText(value, maxLength)
  return value instanceof Date ? timestampText(value.getTime()) : String(value)
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'string' && typeof right === 'string') return stringType.domain.compare(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return booleanType.domain.compare(left, right)
  if (Buffer.isBuffer(left) && Buffer.isBuffer(right)) return binaryType.domain.compare(left, right)
  const [first, second] = [windowType.hold(left), windowType.hold(right)]
  if (first !== undefined && second !== undefined) return windowType.domain.compare(first, second)
  return doubleType.domain.compare(Number(left), Number(right))
}
