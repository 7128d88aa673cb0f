// Decimal numbers of a precision and a scale, exact: strict JSON must have no digit that the scale has no place for, and only
// from_json rounds, as Spark does. What sum and avg give has Spark's types (catalyst Sum, Average, DecimalType.bounded).

import { MicrobatchError } from '../../error.ts'
import type { ColumnType, ExactNumbers, JsonForm } from '../column-type.ts'
import { incompatible } from '../kept-value.ts'
import { isQuoted, unquote } from '../text/lenient-json.ts'
import { Decimal, divideHalfUp, parseDecimal } from './decimal-value.ts'

/** Digits in all, as Spark has them. */
const maxPrecision = 38

/**
 * @param from where JSON has it: a number, or a text of one
 * @throws MicrobatchError SCHEMA_INVALID
 */
export function decimalType(precision: number, scale: number, from: 'number' | 'text' = 'number'): ColumnType<Decimal> {
  const isCount = (count: number, min: number, max: number) => Number.isInteger(count) && count >= min && count <= max
  if (!isCount(precision, 1, maxPrecision) || !isCount(scale, 0, precision)) {
    throw new MicrobatchError(
      'SCHEMA_INVALID',
      `decimal(${precision}, ${scale}): the precision is 1 to ${maxPrecision} digits in all, the scale 0 to precision of them.`,
    )
  }
  const limit = 10n ** BigInt(precision)
  const fits = (unscaled: bigint): boolean => unscaled < limit && unscaled > -limit
  const shape = `${precision - scale} digits before the point and ${scale} after it`
  const exact = (value: Decimal | undefined): Decimal | undefined => {
    if (value === undefined) return undefined
    if (value.scale === scale) return fits(value.unscaled) ? value : undefined
    const rounded = value.round(scale)
    return fits(rounded.unscaled) && rounded.compare(value) === 0 ? rounded : undefined
  }
  return {
    kind: 'decimal',
    name: `decimal(${precision},${scale})`,
    sparkName: `DECIMAL(${precision},${scale})`,
    isNumeric: true,
    get exact() {
      return totals(precision, scale, limit)
    },
    json: jsonForm(from, shape, exact, (value) => {
      const rounded = value.round(scale)
      return fits(rounded.unscaled) ? rounded : undefined
    }),
    plain: {
      kind: from === 'text' ? 'text' : 'digits',
      take: (text: string) => exact(parseDecimal(text)),
    },
    wanted: `a Decimal, or a number or text of one, with at most ${shape}`,
    hold(value) {
      if (value instanceof Decimal) return exact(value)
      const isText = typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number'
      return isText ? exact(parseDecimal(String(value))) : undefined
    },
    print: String,
    domain: {
      isPrimitive: false,
      compare: (left, right) => left.compare(right),
      encode: String,
      decode(encoded) {
        const value = typeof encoded === 'string' ? exact(parseDecimal(encoded)) : undefined
        if (value === undefined) throw incompatible(encoded, `a decimal of ${shape}`)
        return value
      },
      canonical: (value) => value,
    },
  }
}

function jsonForm(
  from: 'number' | 'text',
  shape: string,
  exact: (value: Decimal | undefined) => Decimal | undefined,
  rounded: (value: Decimal) => Decimal | undefined,
): JsonForm<Decimal> {
  const isText = from === 'text'
  return {
    wanted: `${isText ? 'the text of a number' : 'a number'} with at most ${shape}`,
    isWhole: false,
    read: (value) => (typeof value === 'string' && isText ? exact(parseDecimal(value)) : undefined),
    ...(isText ? { isText } : { readWritten: (source: string) => exact(parseDecimal(source)) }),
    readLenient(source) {
      // Java's parser of a decimal text has commas taken out before (ExprUtils.getDecimalParser for the locale en-US).
      const text = isQuoted(source) ? unquote(source).replaceAll(',', '') : source
      const value = parseDecimal(text)
      return value === undefined ? undefined : rounded(value)
    },
  }
}

/** A sum has ten digits more, a mean four more and a scale of four more, as far as there are digits. */
function totals(precision: number, scale: number, limit: bigint): ExactNumbers<Decimal> {
  const sumPrecision = Math.min(maxPrecision, precision + 10)
  const avgPrecision = Math.min(maxPrecision, precision + 4)
  const avgScale = Math.min(maxPrecision, scale + 4)
  const sumLimit = limit * 10n ** BigInt(sumPrecision - precision)
  const avgLimit = 10n ** BigInt(avgPrecision)
  const isWithin = (unscaled: bigint, bound: bigint): boolean => unscaled < bound && unscaled > -bound
  const holds = (units: bigint): boolean => isWithin(units, sumLimit)
  return {
    unitsOf: ({ unscaled }) => unscaled,
    sum: {
      type: decimalType(sumPrecision, scale) as ColumnType,
      holds,
      of: (units) => (holds(units) ? new Decimal(units, scale) : undefined),
    },
    avg: {
      type: decimalType(avgPrecision, avgScale) as ColumnType,
      holds,
      of(units, count) {
        const mean = divideHalfUp(units * 10n ** BigInt(avgScale - scale), BigInt(count))
        return isWithin(mean, avgLimit) ? new Decimal(mean, avgScale) : undefined
      },
    },
  }
}
