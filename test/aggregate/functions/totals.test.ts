import { describe, expect, test } from 'vitest'
import { avg, countDistinct, sum } from '../../../lib/aggregate/functions/built-in.ts'
import { resultOfRows } from '../row.ts'

describe('countDistinct', () => {
  test('takes the zeros for one value and NaN for one', () => {
    const prices = [0, -0, Number.NaN, Number.NaN, 1, null].map((price) => ({ price }))
    expect(resultOfRows({ n: countDistinct('price') }, prices)).toEqual({ n: 3 })
  })

  test('compares bytes by content and text as it is', () => {
    const rows = ['NaN', '0', 'NaN', ''].map((text) => ({ text, bytes: Buffer.from(text) }))
    expect(resultOfRows({ texts: countDistinct('text'), bytes: countDistinct('bytes') }, rows)).toEqual({
      texts: 3,
      bytes: 3,
    })
  })
})

describe('sums', () => {
  const greatest = Number.MAX_SAFE_INTEGER

  test('of integers may leave the exact range on their way', () => {
    const rows = [greatest, greatest, greatest, -greatest, -greatest].map((volume) => ({ volume }))
    expect(resultOfRows({ volume: sum('volume') }, rows)).toEqual({ volume: greatest })
  })

  test('of integers are null where they end outside of it, never rounded', () => {
    for (const volumes of [
      [greatest, 1],
      [-greatest, -1],
      [greatest, greatest, 1],
    ]) {
      const rows = volumes.map((volume) => ({ volume }))
      expect(resultOfRows({ total: sum('volume') }, rows)).toEqual({ total: null })
    }
  })

  test('of functions are doubles, rounded', () => {
    const rows = [greatest, greatest, 1].map((volume) => ({ volume }))
    expect(resultOfRows({ volume: sum((row) => row.volume) }, rows)).toEqual({ volume: 18014398509481984 })
  })

  test('give means as Spark divides: the rounded sum by the count', () => {
    expect(resultOfRows({ mean: avg('price') }, [{ price: 1e308 }, { price: 1e308 }])).toEqual({
      mean: Number.POSITIVE_INFINITY,
    })
    expect(resultOfRows({ mean: avg('volume') }, [{ volume: greatest }, { volume: greatest }])).toEqual({
      mean: greatest,
    })
    expect(resultOfRows({ mean: avg('lots') }, [{ lots: 1 }, { lots: 2 }])).toEqual({ mean: 1.5 })
  })
})
