// What the codecs of Avro and Protobuf turn decoded values into: the values of columns. A value that its column does not take is thrown
// as a WrongShape through the library that decodes, and names its place from the inside out.

import { absentValue, type Column } from '../types/column.ts'
import { valueText } from '../types/text/value-text.ts'
import { timestampRangeMs } from '../types/timestamp.ts'
import { WrongShape } from './wrong-shape.ts'

/** From a library's value to the column's. */
export type Convert = (value: unknown) => unknown

/** A value of the column's type, as one from code is taken: exact in another form, or not at all. */
export const heldBy =
  ({ type }: Column<unknown>): Convert =>
  (value) => {
    const held = type.hold(value)
    if (held === undefined) throw new WrongShape(`expected ${type.wanted}, got ${valueText(value)}`)
    return held
  }

/** A text or a number that means what it would mean in JSON: a time in the column's unit, a decimal's text. */
export const readBy =
  ({ type: { json } }: Column<unknown>): Convert =>
  (value) => {
    const read = json.read(value)
    if (read !== undefined) return read
    throw new WrongShape(`expected ${json.wanted}, got ${valueText(value)}${json.hint?.(value) ?? ''}`)
  }

/** @param what the library's word for a value that is not there */
export function orAbsent(column: Column<unknown>, convert: Convert, what = 'got null'): Convert {
  const absent = absentValue(column)
  return (value) => {
    if (value !== null && value !== undefined) return convert(value)
    if (absent === undefined) throw new WrongShape(`expected a value, ${what}`)
    return absent
  }
}

export function at(place: string, convert: Convert): Convert {
  return (value) => {
    try {
      return convert(value)
    } catch (error) {
      throw within(place, error)
    }
  }
}

/** A list, element by element. */
export const listOf =
  (convert: Convert): Convert =>
  (value) => {
    const list: unknown[] = []
    try {
      for (const element of value as readonly unknown[]) list.push(convert(element))
    } catch (error) {
      throw within(`element ${list.length}`, error)
    }
    return list
  }

/** An object of any fields as a Map. */
export const mapOf =
  (convert: Convert): Convert =>
  (value) => {
    const map = new Map<string, unknown>()
    let last = ''
    try {
      for (const key of Object.keys(value as object)) {
        last = key
        map.set(key, convert(Reflect.get(value as object, key)))
      }
    } catch (error) {
      throw within(`key ${valueText(last)}`, error)
    }
    return map
  }

/** The error of a value within another one, with its place before its words. */
const within = (place: string, error: unknown): unknown =>
  error instanceof WrongShape ? new WrongShape(`${place}: ${error.message}`) : error

/** A whole number that is exact in a double; a bigint becomes one. */
export function exactNumber(value: unknown): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new WrongShape(`expected an integer up to 2^53 - 1, got ${value}`)
}

const { min, max } = timestampRangeMs

/**
 * The message is put together where there is one only: the function is called for each time of a batch.
 * @param given what was there, where it is not the milliseconds, after its unit: `day `
 */
export function inCalendar(epochMs: number, unit = '', given: unknown = epochMs): number {
  if (epochMs >= min && epochMs <= max) return epochMs
  throw new WrongShape(`expected a time of the years 1 to 9999, got ${unit}${given}`)
}

/** The word of a column's type, without its parameters: `decimal`. */
export const columnWord = ({ type: { name } }: Column<unknown>): string => name.replace(/\(.*/s, '')

/** A column as one declares it, for messages: `double()`, `decimal(12,2)`. */
export function columnWords({ type: { name } }: Column<unknown>): string {
  if (name === 'timestamp_ntz') return 'timestampNtz()'
  return name.includes('(') ? name : `${name}()`
}
