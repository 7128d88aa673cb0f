// Whole numbers of 64 bits, all of them: Spark's BIGINT as a bigint of JavaScript. For ids, which a number holds up to 2^53 only.

import type { ColumnType, ExactNumbers } from '../column-type.ts'
import { doubleType } from '../double.ts'
import { incompatible } from '../kept-value.ts'
import { isInteger } from '../text/lenient-json.ts'

const min = -(2n ** 63n)
const max = 2n ** 63n - 1n

const within = (value: bigint): bigint | undefined => (value >= min && value <= max ? value : undefined)

/** No text of more digits has 64 bits. */
const maxLength = 20

const bigintOf = (source: string): bigint | undefined =>
  isInteger(source) && source.length <= maxLength ? within(BigInt(source)) : undefined

export const bigintType: ColumnType<bigint> = {
  kind: 'bigint',
  name: 'bigint',
  sparkName: 'BIGINT',
  isNumeric: true,
  get exact(): ExactNumbers<bigint> {
    return totals
  },
  json: {
    wanted: 'an integer of 64 bits',
    isWhole: true,
    read: (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : undefined),
    readWritten: bigintOf,
    readLenient: bigintOf,
  },
  plain: { kind: 'digits', take: bigintOf },
  wanted: 'a bigint of 64 bits',
  hold(value) {
    if (typeof value === 'bigint') return within(value)
    return Number.isSafeInteger(value) ? BigInt(value as number) : undefined
  },
  print: String,
  domain: {
    isPrimitive: false,
    compare: (left, right) => (left < right ? -1 : Number(left > right)),
    encode: String,
    decode(encoded) {
      const value = typeof encoded === 'string' ? bigintOf(encoded) : undefined
      if (value === undefined) throw incompatible(encoded, 'an integer of 64 bits')
      return value
    },
    canonical: (value) => value,
  },
}

/** Beyond 64 bits a sum is null, as Spark's try_sum; a mean is a double, and has no such bound. */
const totals: ExactNumbers<bigint> = {
  unitsOf: (value) => value,
  sum: { type: bigintType as ColumnType, holds: (units) => within(units) !== undefined, of: within },
  avg: { type: doubleType as ColumnType, holds: () => true, of: (units, count) => Number(units) / count },
}
