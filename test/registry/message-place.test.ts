import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { readPlace } from '../../lib/registry/message-place.ts'

/** The form of Confluent's serializers (MessageIndexes.toByteArray): zig-zag numbers, and [0] as one byte. */
function written(indexes: readonly number[]): Buffer {
  if (indexes.length === 1 && indexes[0] === 0) return Buffer.from([0])
  return Buffer.concat([indexes.length, ...indexes].map((number) => varint(number * 2)))
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

describe("Confluent's place of a message", () => {
  test('is one zero for the first message of a file', () => {
    expect(readPlace('confluent', Buffer.from([9, 0, 10]), 1)).toEqual({ indexes: [0], start: 2 })
  })

  test('may have the first message written out, too', () => {
    expect(readPlace('confluent', Buffer.from([2, 0, 10]), 0)).toEqual({ indexes: [0], start: 2 })
  })

  property.prop([fc.array(fc.nat(100_000), { minLength: 1, maxLength: 20 }), fc.uint8Array({ maxLength: 5 })])(
    'is read back, whatever comes after it',
    (indexes, rest) => {
      const place = written(indexes)
      expect(readPlace('confluent', Buffer.concat([place, rest]), 0)).toEqual({ indexes, start: place.length })
    },
  )

  test.each([
    ['nothing', []],
    ['a negative count', [1]],
    ['a negative index', [2, 1]],
    ['fewer indexes than it says', [6, 0]],
    ['a number that has no end', [128, 128, 128, 128, 128, 128]],
    ['a depth that no file has', [...varint(2 * 101), ...Array(101).fill(0)]],
  ])('is not there in %s', (_, bytes) => {
    expect(readPlace('confluent', Buffer.from(bytes), 0)).toBeUndefined()
  })
})

test("Glue's is one unsigned number", () => {
  expect(readPlace('glue', Buffer.from([130, 1, 10]), 0)).toEqual({ indexes: [130], start: 2 })
  expect(readPlace('glue', Buffer.from([0, 10]), 0)).toEqual({ indexes: [0], start: 1 })
})
