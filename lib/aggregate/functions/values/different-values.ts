// The different values of a column, and how often each is there, as far as a group has room for them: what collectSet, mode and
// sumDistinct are made of. Beyond the room nothing is kept, and there is no result: which of both it is depends on the values alone.

import type { Column } from '../../../decode/schema.ts'
import { decodeList, decodeNumber, type Kept, type Scalar } from '../../../types/kept-value.ts'
import type { Aggregator, Argument } from '../../aggregator.ts'
import { type Share, tooManyValues } from './share.ts'

/** A value, and in how many rows it is. */
export interface Counted {
  readonly value: unknown
  count: number
}

/** Mutable. */
export interface DifferentValues {
  /** By the text or the scalar that stands for the value; null where there are too many. */
  counted: Map<Scalar, Counted> | null
  /** Bytes of the values. */
  bytes: number
}

/** How the result is made, and the words of it. */
export interface DifferentValuesOptions {
  /** For messages. */
  readonly kind: string
  readonly column: Column<unknown>
  readonly share: Share
  /** Whether it matters how often a value is there: that is not kept otherwise. */
  readonly isCounting: boolean
  /** @param values in the order of their type */
  result(values: readonly Counted[]): unknown
}

/** Bytes of a value beside its own: a comma, and its count. */
const overhead = 8

export function differentValuesAggregator<Row>(
  { text, column: { type }, read }: Argument<Row>,
  { kind, column, share, isCounting, result }: DifferentValuesOptions,
): Aggregator<Row, DifferentValues> {
  const { domain } = type
  const add = (different: DifferentValues, value: unknown, count: number): void => {
    const { counted } = different
    if (counted === null) return
    const canonical = domain.canonical(value)
    const key = keyOf(domain.encode(canonical))
    const known = counted.get(key)
    if (known !== undefined) {
      known.count += count
      return
    }
    counted.set(key, { value: canonical, count })
    different.bytes += bytesOf(key) + overhead
    if (counted.size > share.values || different.bytes > share.bytes) different.counted = null
  }
  return {
    column,
    version: 1,
    init: () => ({ counted: new Map(), bytes: 0 }),
    add(different, { row }) {
      const value = read(row)
      if (value !== null) add(different, value, 1)
      return different
    },
    merge(left, right) {
      if (right.counted === null) left.counted = null
      else for (const { value, count } of right.counted.values()) add(left, value, count)
      return left
    },
    result({ counted }) {
      if (counted === null) throw tooManyValues(kind, text, share)
      return result([...counted.values()].sort((left, right) => domain.compare(left.value, right.value)))
    },
    encode({ counted }) {
      if (counted === null) return null
      // Any fixed order will do, of which there is one for types that have no order.
      const entries = [...counted].sort(([left], [right]) => (`${left}` < `${right}` ? -1 : 1))
      return entries.flatMap(([, { value, count }]) => {
        const encoded = domain.encode(value)
        return isCounting ? [encoded, count] : [encoded]
      })
    },
    decode(encoded) {
      if (encoded === null) return { counted: null, bytes: 0 }
      const different: DifferentValues = { counted: new Map(), bytes: 0 }
      const items = decodeList(encoded)
      for (let i = 0; i < items.length; i += isCounting ? 2 : 1) {
        add(different, domain.decode(items[i]), isCounting ? decodeNumber(items[i + 1]) : 1)
      }
      return different
    },
  }
}

/** Equal exactly where the values are. Lists and objects have a text for it. */
const keyOf = (encoded: Kept): Scalar => (typeof encoded === 'object' ? JSON.stringify(encoded) : encoded)

const bytesOf = (key: Scalar): number =>
  typeof key === 'string' ? Buffer.byteLength(JSON.stringify(key)) : `${key}`.length
