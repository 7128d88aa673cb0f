import { describe, expect, test } from 'vitest'
import { max, min } from '../../../lib/aggregate/functions/built-in.ts'
import { first, last, maxBy, minBy } from '../../../lib/aggregate/functions/selected-row.ts'
import { inPartition, resultOf, resultOfRows } from '../row.ts'

describe('order-sensitive aggregates go by partition, then offset', () => {
  const rows = [
    ...inPartition(1, [
      { text: 'c', at: 5 },
      { text: 'd', at: 5 },
    ]),
    ...inPartition(0, [
      { text: 'a', at: 5 },
      { text: 'b', at: 5 },
    ]),
  ]

  test('first and last', () => {
    expect(resultOf({ first: first('text'), last: last('text') }, rows)).toEqual({ first: 'a', last: 'd' })
  })

  test('of equals minBy and maxBy keep the last', () => {
    expect(resultOf({ open: minBy('text', 'at'), close: maxBy('text', 'at') }, rows)).toEqual({ open: 'd', close: 'd' })
  })

  test('the zeros are equal to minBy and maxBy, NaN is greatest', () => {
    const zeros = [
      { text: 'a', price: 0 },
      { text: 'b', price: -0 },
    ]
    expect(resultOfRows({ min: minBy('text', 'price'), max: maxBy('text', 'price') }, zeros)).toEqual({
      min: 'b',
      max: 'b',
    })
    const withNaN = [
      { text: 'a', price: Number.NaN },
      { text: 'b', price: Number.POSITIVE_INFINITY },
    ]
    expect(resultOfRows({ max: maxBy('text', 'price'), high: max('price'), low: min('price') }, withNaN)).toEqual({
      max: 'a',
      high: Number.NaN,
      low: Number.POSITIVE_INFINITY,
    })
  })
})

describe('min and max', () => {
  test('give 0.0 where both zeros are there, and -0.0 where it is alone', () => {
    const bounds = { low: min('price'), high: max('price') }
    expect(resultOfRows(bounds, [{ price: 0 }, { price: -0 }])).toEqual({ low: 0, high: 0 })
    expect(resultOfRows(bounds, [{ price: -0 }, { price: 0 }])).toEqual({ low: 0, high: 0 })
    expect(resultOfRows(bounds, [{ price: -0 }])).toEqual({ low: -0, high: -0 })
  })

  test('order text by its UTF-8 bytes', () => {
    expect(resultOfRows({ low: min('text'), high: max('text') }, [{ text: '😀' }, { text: '｡' }])).toEqual({
      low: '｡',
      high: '😀',
    })
  })

  test('order booleans, times and bytes', () => {
    const rows = [
      { flag: false, at: -5, bytes: Buffer.from([0x7f]) },
      { flag: true, at: 5, bytes: Buffer.from([0x80]) },
    ]
    expect(resultOfRows({ flag: max('flag'), at: min('at'), bytes: max('bytes') }, rows)).toEqual({
      flag: true,
      at: -5,
      bytes: Buffer.from([0x80]),
    })
  })
})
