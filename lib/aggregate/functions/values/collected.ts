// collectList: the values of all rows of a group, in the order of the rows, as far as the group has room for them. Beyond it nothing
// is kept, and there is no result: which of both it is depends on the rows alone.

import { array } from '../../../decode/columns.ts'
import { compareByPlace } from '../../../event/located-row.ts'
import { column as columnOf } from '../../../types/column.ts'
import { decodeList } from '../../../types/kept-value.ts'
import { type Aggregator, type Binding, opaque } from '../../aggregator.ts'
import type { Brought } from '../aggregate.ts'
import { decodePlace, encodePlace, type KeptPlace } from '../kept-place.ts'
import { shareOf, tooManyValues } from './share.ts'

/** The word for it: a column of any type, or a function of the row. */
export interface CollectWord {
  <const Column extends string>(column: Column): Brought<'collectList', Column>
  <Row, Value extends number | null>(fn: (row: Row) => Value): Brought<'collectList', (row: Row) => Value>
}

/**
 * The values of all rows as a list, nulls left out, in the order of the rows: by partition, then by offset. Up to 10,000 values or
 * 200,000 bytes (with their places) a group, shared with the other aggregates of the query that keep values: a group with more
 * is set aside (TOO_MANY_VALUES), and all others go on.
 *
 * @example agg({ prices: collectList('price') })
 */
export const collectList = ((argument: unknown) => ({
  kind: 'collectList',
  argument,
  keeps: 'values',
  make: <Row>(binding: Binding<Row>) => opaque(collectListAggregator(binding)),
})) as CollectWord

interface Collected extends KeptPlace {
  readonly value: unknown
}

/** Mutable. */
interface Collection {
  /** Null where there are too many. */
  values: Collected[] | null
  /** Bytes of what is kept. */
  bytes: number
}

function collectListAggregator<Row>({ argument, shares, hasTopics }: Binding<Row>): Aggregator<Row, Collection> {
  const { type } = argument.column
  const share = shareOf(shares)
  const encoded = (one: Collected) => [type.domain.encode(one.value), ...encodePlace(one)]
  const add = (collection: Collection, one: Collected): void => {
    if (collection.values === null) return
    collection.bytes += Buffer.byteLength(JSON.stringify(encoded(one))) + 1
    collection.values.push(one)
    if (collection.values.length > share.values || collection.bytes > share.bytes) collection.values = null
  }
  return {
    column: array(columnOf(type)),
    version: 1,
    init: () => ({ values: [], bytes: 0 }),
    add(collection, { row, at }) {
      const value = argument.read(row)
      if (value === null) return collection
      const { partition, offset, index = null } = at
      add(collection, { value, partition, offset, index, topic: hasTopics ? at.topic : null })
      return collection
    },
    merge(left, right) {
      if (right.values === null) left.values = null
      else for (const one of right.values) add(left, one)
      return left
    },
    result({ values }) {
      if (values === null) throw tooManyValues('collectList', argument.text, share)
      return values.toSorted(compareByPlace).map(({ value }) => value)
    },
    encode: ({ values }) => values?.toSorted(compareByPlace).map(encoded) ?? null,
    decode(kept) {
      if (kept === null) return { values: null, bytes: 0 }
      const collection: Collection = { values: [], bytes: 0 }
      for (const item of decodeList(kept)) {
        const [value, ...place] = decodeList(item)
        add(collection, { value: type.domain.decode(value), ...decodePlace(place) })
      }
      return collection
    },
  }
}
