// The aggregates that count different values: countDistinct, exact as far as a group can keep the values, and
// approxCountDistinct, from a sketch of fixed size. Nulls are left out, as in Spark.

import { long } from '../../decode/schema.ts'
import { digest } from '../../digest.ts'
import { refuse } from '../../error.ts'
import type { Domain } from '../../types/column-type.ts'
import { decodeList, incompatible, type Scalar } from '../../types/kept-value.ts'
import type { Aggregator, Argument } from '../aggregator.ts'
import {
  decodeRegisters,
  emptyRegisters,
  encodeRegisters,
  estimate,
  note,
  type Registers,
  unite,
} from './hyper-log-log.ts'
import { shareOf } from './values/share.ts'

/** The sketch of a group that has more: 16 kB, 0.8 % off. */
const sketchBits = 14

/** The values themselves, or their sketch where a group has no room for all: which of them it is depends on the set of values alone. */
export type Distinct = { readonly exact: Set<Scalar> } | { readonly registers: Registers }

/** @param shares how many aggregates share the room of a group */
export function countDistinctAggregator<Row>(argument: Argument<Row>, shares: number): Aggregator<Row, Distinct> {
  const { domain } = argument.column.type
  const most = shareOf(shares).values
  const settled = (distinct: Distinct): Distinct => {
    if (!('exact' in distinct) || distinct.exact.size <= most) return distinct
    const registers = emptyRegisters(sketchBits)
    for (const value of distinct.exact) note(registers, value)
    return { registers }
  }
  return {
    column: long(),
    version: 1,
    init: () => ({ exact: new Set() }),
    add(distinct, { row }) {
      const value = argument.read(row)
      if (value === null) return distinct
      const kept = keptForm(domain, value)
      if (!('exact' in distinct)) {
        note(distinct.registers, kept)
        return distinct
      }
      distinct.exact.add(kept)
      return settled(distinct)
    },
    merge(left, right) {
      const [one, other] = 'exact' in left ? [right, left] : [left, right]
      if ('exact' in one) {
        if ('exact' in other) for (const value of other.exact) one.exact.add(value)
        return settled(one)
      }
      if ('exact' in other) for (const value of other.exact) note(one.registers, value)
      else unite(one.registers, other.registers)
      return one
    },
    result: (distinct) => ('exact' in distinct ? distinct.exact.size : estimate(distinct.registers)),
    encode(distinct) {
      if (!('exact' in distinct)) return { registers: encodeRegisters(distinct.registers) }
      // Any fixed order will do; by text, because 'NaN' is among the numbers.
      const values = [...distinct.exact].sort((left, right) => (`${left}` < `${right}` ? -1 : 1))
      return values.map((value) => (isDigest(value) ? [value.slice(1)] : value))
    },
    decode(encoded) {
      if (typeof encoded === 'object' && encoded !== null && 'registers' in encoded) {
        return { registers: decodeRegisters(encoded.registers, sketchBits) }
      }
      return { exact: new Set(decodeList(encoded).map((value) => decodedForm(domain, value))) }
    },
  }
}

/** Texts up to this length are kept as they are, if they are of plain characters; of others, a digest, which is as long. */
const maxPlainLength = 22
const plainText = /^[ !#-[\]-~]*$/
/** No plain text begins with it. */
const digestMark = '\u0000'

const isDigest = (value: Scalar): value is string => typeof value === 'string' && value.startsWith(digestMark)

/** Equal exactly where the values are, and never longer than a number. */
function keptForm(domain: Domain<unknown>, value: unknown): Scalar {
  const encoded = domain.encode(domain.canonical(value))
  if (typeof encoded === 'object') return digestMark + digest(JSON.stringify(encoded))
  if (typeof encoded !== 'string' || (encoded.length <= maxPlainLength && plainText.test(encoded))) return encoded
  return digestMark + digest(encoded)
}

/** Lists and objects are kept as one text. */
function scalarForm(domain: Domain<unknown>, value: unknown): Scalar {
  const encoded = domain.encode(domain.canonical(value))
  return typeof encoded === 'object' ? JSON.stringify(encoded) : encoded
}

function decodedForm(domain: Domain<unknown>, encoded: unknown): Scalar {
  // An earlier version kept all values as they are.
  if (!Array.isArray(encoded)) return keptForm(domain, domain.decode(encoded))
  const [text] = encoded
  if (typeof text !== 'string' || encoded.length !== 1) throw incompatible(encoded, 'a digest')
  return digestMark + text
}

/** Spark's: HyperLogLog++ takes so many bits for a relative standard deviation (HyperLogLogPlusPlusHelper). */
const bitsFor = (rsd: number): number => Math.ceil(2 * Math.log2(1.106 / rsd))

/** @param rsd the relative standard deviation of the result that is put up with, 0.005 to 0.39 */
export function approxCountDistinctAggregator<Row>(argument: Argument<Row>, rsd: number): Aggregator<Row, Registers> {
  if (!(rsd >= 0.005 && rsd <= 0.39)) {
    refuse(`approxCountDistinct: the relative standard deviation is ${rsd}; give one from 0.005 to 0.39.`)
  }
  const { domain } = argument.column.type
  const p = bitsFor(rsd)
  return {
    column: long(),
    // Registers of another number mean something else.
    version: p,
    init: () => emptyRegisters(p),
    add(registers, { row }) {
      const value = argument.read(row)
      if (value !== null) note(registers, scalarForm(domain, value))
      return registers
    },
    merge: unite,
    result: estimate,
    encode: encodeRegisters,
    decode: (encoded) => decodeRegisters(encoded, p),
  }
}
