import { deflateSync } from 'node:zlib'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { isFrame, schemaIdIn, unframe } from '../../lib/registry/frame.ts'

const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e'
const uuidBytes = Buffer.from(uuid.replaceAll('-', ''), 'hex')
const glue = (compression: number, payload: Buffer) =>
  Buffer.concat([Buffer.from([3, compression]), uuidBytes, payload])

describe("Confluent's header", () => {
  test('is a zero and four bytes of id, big endian', () => {
    const bytes = Buffer.from([0, 0, 1, 0, 2, 9, 9])
    expect(unframe('confluent', bytes)).toEqual({ schemaId: '65538', bytes, start: 5 })
  })

  test.each([
    ['an empty value', [], 'the value is empty'],
    ['another first byte', [123, 1, 2, 3, 4, 5], 'the value begins with 123'],
    ['four bytes', [0, 0, 0, 1], "4 bytes, a header of Confluent's form has 5"],
    ['an id of 0', [0, 0, 0, 0, 0, 1], 'names schema 0'],
    ['an id that Java reads as negative', [0, 255, 255, 255, 255, 1], 'names schema -1'],
  ])('is not there in %s', (_, bytes, problem) => {
    expect(unframe('confluent', Buffer.from(bytes))).toEqual({ problem: expect.stringContaining(problem) })
    expect(schemaIdIn('confluent', Buffer.from(bytes))).toBeUndefined()
  })
})

describe("Glue's header", () => {
  test('is a three, the compression and a UUID', () => {
    const bytes = glue(0, Buffer.from('abc'))
    expect(unframe('glue', bytes)).toEqual({ schemaId: uuid, bytes, start: 18 })
  })

  test('of a compressed value gives what was compressed', () => {
    const read = unframe('glue', glue(5, deflateSync(Buffer.from('abc'))))
    expect(isFrame(read) && read.bytes.subarray(read.start).toString()).toBe('abc')
  })

  test.each([
    ['another version', Buffer.concat([Buffer.from([2, 0]), uuidBytes]), 'begins with 2'],
    ['a header that is cut off', glue(0, Buffer.alloc(0)).subarray(0, 17), '17 bytes'],
    ['a compression that is not known', glue(4, Buffer.from('abc')), 'compression 4'],
    ['a compressed value that is damaged', glue(5, Buffer.from('abc')), 'cannot be decompressed'],
    ['one that is cut off', glue(5, deflateSync(Buffer.alloc(1000))).subarray(0, 25), 'cannot be decompressed'],
    ['one that expands beyond all measure', glue(5, deflateSync(Buffer.alloc(70_000_000))), 'cannot be decompressed'],
  ])('refuses %s', (_, bytes, problem) => {
    expect(unframe('glue', bytes)).toEqual({ problem: expect.stringContaining(problem) })
  })
})

property.prop([fc.constantFrom('confluent' as const, 'glue' as const), fc.uint8Array({ maxLength: 40 })])(
  'any bytes have a header or a problem, and the id alone is the same',
  (framing, bytes) => {
    const value = Buffer.from(bytes)
    const read = unframe(framing, value)
    if (isFrame(read)) expect(schemaIdIn(framing, value)).toBe(read.schemaId)
    else if (schemaIdIn(framing, value) !== undefined) expect(read.problem).toMatch(/compress/)
  },
)
