import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decompressLz4 } from '../../../../../mapping/source/fetch/codec/lz4.ts'
import { ExpansionError } from '../../../../../mapping/source/fetch/codec/output.ts'
import { decompressSnappy } from '../../../../../mapping/source/fetch/codec/snappy.ts'

/** What both formats are made of: some literals, then a copy of what was written before. */
interface Step {
  readonly literals: Buffer
  readonly distance: number
  readonly copied: number
}

const aLength = fc.oneof({ arbitrary: fc.nat(20), weight: 8 }, fc.nat(400), fc.nat(70_000))
const someLiterals = fc
  .tuple(aLength, fc.uint8Array({ minLength: 1, maxLength: 40 }))
  .map(([length, pattern]) => Buffer.alloc(length, pattern))

/** Steps whose copies stay inside of what is written, and the bytes they make. */
const someSteps = fc.array(fc.tuple(someLiterals, fc.nat(), aLength), { maxLength: 6 }).map((parts) => {
  const steps: Step[] = []
  const written: number[] = []
  for (const [literals, far, length] of parts) {
    for (const byte of literals) written.push(byte)
    if (written.length === 0) continue
    const distance = 1 + (far % Math.min(written.length, 65_535))
    const copied = length + 4
    for (let index = 0; index < copied; index += 1) written.push(written[written.length - distance] ?? 0)
    steps.push({ literals, distance, copied })
  }
  return { steps, bytes: Buffer.from(written) }
})

const uint16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8])
const uint32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

function snappyLiterals(literals: Buffer): Buffer[] {
  if (literals.length === 0) return []
  const size = literals.length - 1
  if (size < 60) return [Buffer.from([size << 2]), literals]
  const extra = size < 2 ** 8 ? 1 : size < 2 ** 16 ? 2 : 3
  return [Buffer.from([(59 + extra) << 2]), uint32(size).subarray(0, extra), literals]
}

/** Each of the three kinds of copy where it fits. */
function snappyCopy(distance: number, copied: number): Buffer[] {
  const parts: Buffer[] = []
  for (let rest = copied; rest > 0; ) {
    const length = Math.min(rest, 64)
    if (length >= 4 && length <= 11 && distance < 2048)
      parts.push(Buffer.from([((distance >> 8) << 5) | ((length - 4) << 2) | 1, distance & 0xff]))
    else if (distance % 2 === 0) parts.push(Buffer.from([((length - 1) << 2) | 2]), uint16(distance))
    else parts.push(Buffer.from([((length - 1) << 2) | 3]), uint32(distance))
    rest -= length
  }
  return parts
}

const snappyOf = (steps: readonly Step[], length: number): Buffer =>
  Buffer.concat([
    varint(length),
    ...steps.flatMap(({ literals, distance, copied }) => [
      ...snappyLiterals(literals),
      ...snappyCopy(distance, copied),
    ]),
  ])

const xerialOf = (...blocks: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from('82534e4150505900', 'hex'),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]),
    ...blocks.flatMap((block) => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(block.length)
      return [length, block]
    }),
  ])

function lz4Length(length: number): Buffer {
  if (length < 15) return Buffer.alloc(0)
  const rest = length - 15
  return Buffer.concat([Buffer.alloc(Math.floor(rest / 255), 255), Buffer.from([rest % 255])])
}

const lz4BlockOf = (steps: readonly Step[]): Buffer =>
  Buffer.concat([
    ...steps.flatMap(({ literals, distance, copied }) => [
      Buffer.from([(Math.min(literals.length, 15) << 4) | Math.min(copied - 4, 15)]),
      lz4Length(literals.length),
      literals,
      uint16(distance),
      lz4Length(copied - 4),
    ]),
    // The last sequence: no literals, no copy.
    Buffer.from([0]),
  ])

const lz4FrameOf = (flags: number, ...blocks: ReadonlyArray<{ readonly bytes: Buffer; readonly isStored?: boolean }>) =>
  Buffer.concat([
    uint32(0x184d2204),
    Buffer.from([0x40 | flags, 0x70]),
    ...(flags & 8 ? [Buffer.alloc(8)] : []),
    Buffer.from([0]),
    ...blocks.flatMap(({ bytes, isStored }) => [
      uint32(isStored === true ? bytes.length + 0x80000000 : bytes.length),
      bytes,
      ...(flags & 0x10 ? [Buffer.alloc(4)] : []),
    ]),
    uint32(0),
  ])

describe('Snappy', () => {
  test('literals and all three kinds of copy are read, bare and in chunks', () => {
    fc.assert(
      fc.property(someSteps, ({ steps, bytes }) => {
        const block = snappyOf(steps, bytes.length)
        expect(decompressSnappy(block).equals(bytes)).toBe(true)
        expect(decompressSnappy(xerialOf(block, block)).equals(Buffer.concat([bytes, bytes]))).toBe(true)
      }),
    )
  })

  test('a length that the bytes cannot hold is refused before anything is allocated', () => {
    expect(() => decompressSnappy(Buffer.concat([varint(2 ** 31), Buffer.from([0, 65])]))).toThrow('more than it says')
    expect(() => decompressSnappy(Buffer.alloc(20, 0xff))).toThrow('begins with no length')
  })
})

describe('LZ4', () => {
  test('sequences, linked blocks, stored blocks and checksums are read', () => {
    fc.assert(
      fc.property(someSteps, fc.constantFrom(0, 0x10, 0x08, 0x1c), ({ steps, bytes }, flags) => {
        const first = { bytes: lz4BlockOf(steps) }
        const stored = { bytes: Buffer.from('stored'), isStored: true }
        // Copies the ten bytes before it, which are in other blocks.
        const linked = { bytes: lz4BlockOf([{ literals: Buffer.from('abcd'), distance: 10, copied: 10 }]) }
        const written = decompressLz4(lz4FrameOf(flags, first, stored, linked))
        expect(written.equals(Buffer.concat([bytes, Buffer.from('storedabcdstoredabcd')]))).toBe(true)
      }),
    )
  })

  test('a frame of another kind is refused', () => {
    expect(() => decompressLz4(Buffer.alloc(16))).toThrow('begins with another number')
    expect(() => decompressLz4(lz4FrameOf(1))).toThrow('dictionary')
  })
})

test('nothing is written above the bound, and the reason is the bound', () => {
  const steps = [{ literals: Buffer.from('ab'), distance: 2, copied: 60_000 }]
  const snappy = snappyOf(steps, 60_002)
  for (const [decompress, whole] of [
    [decompressSnappy, snappy],
    [decompressSnappy, xerialOf(snappy, snappy)],
    [decompressLz4, lz4FrameOf(0, { bytes: lz4BlockOf(steps) })],
  ] as const) {
    expect(() => decompress(whole, 60_001)).toThrow(ExpansionError)
    expect(decompress(whole, 120_004).length).toBeGreaterThanOrEqual(60_002)
  }
})

test('damaged bytes end in a RangeError or in other bytes, never in anything else', () => {
  const damaged = fc.tuple(someSteps, fc.nat(), fc.nat(255), fc.nat())
  fc.assert(
    fc.property(damaged, ({ 0: { steps, bytes }, 1: where, 2: byte, 3: cut }) => {
      for (const [decompress, whole] of [
        [decompressSnappy, snappyOf(steps, bytes.length)],
        [decompressLz4, lz4FrameOf(0, { bytes: lz4BlockOf(steps) })],
      ] as const) {
        const broken = Buffer.from(whole.subarray(0, whole.length - (cut % 3)))
        if (broken.length > 0) broken[where % broken.length] = byte
        try {
          expect(decompress(broken)).toBeInstanceOf(Buffer)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }
    }),
  )
})
