// From a row's value to what avsc writes: times in the unit of the schema, decimals as bytes, exact numbers as the nearest that Avro has.
// Pure.

import type avsc from 'avsc'
import { avroName, branchesOf, fieldsOf, scaleOf, underlying } from '../../registry/avro/avro-type.ts'
import { Decimal } from '../../types/numbers/decimal-value.ts'

export type Write = (value: unknown) => unknown

/**
 * avsc counts a long twice as large in a double, so it writes one beyond 2^52 with the wrong sign, or not at all. Thrown by a writer that
 * is not wide, for the one that is.
 */
export const tooWide: unique symbol = Symbol('a long that avsc writes as a bigint only')
const maxPlain = 2 ** 52

/**
 * A writer for values of a type; of a union for its one branch that is not null.
 * @param isWide where avsc takes bigints for longs
 * @throws tooWide for a long beyond 2^52, where it is not wide
 */
export function writer(type: avsc.Type, isWide: boolean): Write {
  const branches = branchesOf(type).filter((branch) => avroName(branch) !== 'null')
  const [branch] = branches
  const write = branch === undefined || branches.length > 1 ? plainValue : branchWriter(branch, isWide)
  return (value) => (value === null || value === undefined ? null : write(value))
}

function branchWriter(type: avsc.Type, isWide: boolean): Write {
  const under = underlying(type)
  if (isWide && avroName(under) === 'long') {
    const micros = avroName(type).endsWith('-micros') ? 1000n : 1n
    return (value) => BigInt(value as number | bigint) * micros
  }
  if (avroName(under) === 'long') {
    const micros = avroName(type).endsWith('-micros') ? 1000 : 1
    return (value) => {
      const number = Number(value) * micros
      if (Math.abs(number) >= maxPlain) throw tooWide
      return number
    }
  }
  switch (avroName(type)) {
    case 'date':
      return (value) => (typeof value === 'string' ? Date.parse(`${value}T00:00:00Z`) / 86_400_000 : value)
    case 'decimal':
      return (value) => decimalBytes(value, scaleOf(type), 'size' in under ? Number(under.size) : undefined)
    case 'array': {
      const element = writer('itemsType' in under ? (under.itemsType as avsc.Type) : under, isWide)
      return (value) => Array.from(value as Iterable<unknown>, element)
    }
    case 'map': {
      const element = writer('valuesType' in under ? (under.valuesType as avsc.Type) : under, isWide)
      return (value) =>
        Object.fromEntries(Array.from(value as ReadonlyMap<string, unknown>, ([key, part]) => [key, element(part)]))
    }
    case 'record': {
      const fields = (fieldsOf(under) ?? []).map(({ name, type: inner }) => [name, writer(inner, isWide)] as const)
      return (value) =>
        Object.fromEntries(fields.map(([name, write]) => [name, write(Reflect.get(Object(value), name))]))
    }
    case 'string':
      return (value) => (value instanceof Decimal || typeof value === 'bigint' ? String(value) : value)
    default:
      return plainValue
  }
}

/** Exact numbers as the nearest that Avro's own types have. */
function plainValue(value: unknown): unknown {
  if (value instanceof Decimal) return value.toNumber()
  return typeof value === 'bigint' ? Number(value) : value
}

/** A whole number in two's complement, big endian, as many bytes as it takes. */
function decimalBytes(value: unknown, scale: number, size: number | undefined): Buffer {
  const given = value instanceof Decimal ? value : Decimal.of(String(value))
  const { unscaled } = given.round(scale)
  const bits = (unscaled < 0n ? -unscaled - 1n : unscaled).toString(2).length + 1
  const length = size ?? Math.ceil(bits / 8)
  return Buffer.from(
    BigInt.asUintN(length * 8, unscaled)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  )
}
