// The values of Avro's logical types, from what lies under them.

import type avsc from 'avsc'
import { scaleOf } from '../../registry/avro/avro-type.ts'
import { Decimal } from '../../types/numbers/decimal-value.ts'
import { type Convert, exactNumber, inCalendar } from '../conversions.ts'

/** The days of a stream are few, and their texts take ten times as long to make as to find. */
const texts = new Map<unknown, string>()
const maxTexts = 4096

/** @param day days since 1970 */
export function dateText(day: unknown): string {
  const known = texts.get(day)
  if (known !== undefined) return known
  const text = new Date(inCalendar(Number(day) * 86_400_000, 'day ', day)).toISOString().slice(0, 10)
  if (texts.size === maxTexts) texts.clear()
  texts.set(day, text)
  return text
}

/** Sixteen bytes as 8-4-4-4-12 digits. */
export function uuidText(bytes: unknown): string {
  const hex = (bytes as Buffer).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** The bytes are a whole number in two's complement, big endian; the scale says where its point is. */
export function decimalValue(type: avsc.Type): (bytes: unknown) => Decimal {
  const scale = scaleOf(type)
  return (value) => {
    const bytes = value as Buffer
    return new Decimal(unscaledOf(bytes), scale)
  }
}

function unscaledOf(bytes: Buffer): bigint {
  if (bytes.length === 0) return 0n
  // So many bytes are exact in a number, which is made in a fifth of the time.
  if (bytes.length <= 6) return BigInt(bytes.readIntBE(0, bytes.length))
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
}

/** All digits, whatever their number. */
export function decimalText(type: avsc.Type): Convert {
  const read = decimalValue(type)
  return (bytes) => read(bytes).toString()
}

/** A column's times are milliseconds: what is finer is cut off, towards the past. Longs come as numbers or as bigints. */
export const millis: Convert = (value) => inCalendar(exactNumber(value))

export const micros: Convert = (value) => inCalendar(Math.floor(exactNumber(value) / 1000))

/** @param value a bigint: no nanosecond of this century is exact in a double */
export function nanos(value: unknown): number {
  const given = BigInt(value as bigint)
  const whole = given / 1_000_000n
  return inCalendar(Number(given % 1_000_000n < 0n ? whole - 1n : whole))
}
