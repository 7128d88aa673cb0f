import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'

import { type Head, headItem, headOf, noBound } from '../../../lib/state/items/head.ts'
import {
  type ImageFields,
  maxSegmentBytes,
  packLines,
  parseImageLine,
  unpack,
  writeImageStart,
} from '../../../lib/state/items/segment.ts'
import { TextWriter } from '../../../lib/text-writer.ts'

const imageLine = ({ acc, ...start }: ImageFields): string => {
  const out = new TextWriter()
  writeImageStart(start, out)
  out.text(`${acc}\n`)
  return out.finish()
}

const json = fc.json().map((text) => JSON.stringify(JSON.parse(text)))
const image: fc.Arbitrary<ImageFields> = fc.record({
  endMs: fc.oneof(fc.maxSafeInteger(), fc.constant(Number.POSITIVE_INFINITY)),
  version: fc.nat(),
  last: fc.constantFrom([], ['t-0', 4], ['topic.with-dots-3', 7, 't-1', 0]),
  key: json,
  acc: json,
})

test.prop([fc.array(image)])('images come back as they were written, in their order', (images) => {
  const lines = images.map(imageLine)
  const text = packLines(lines.join(''), 200)
    .map(({ bytes }) => unpack(bytes))
    .join('')
  expect(text).toBe(lines.join(''))
  expect(text.split('\n').slice(0, -1).map(parseImageLine)).toEqual(images)
})

test('what does not compress into one item is halved, and one group that does not is refused by name', () => {
  const large = (key: string, bytes: number): string =>
    imageLine({ endMs: 10, version: 1, last: [], key, acc: JSON.stringify(randomBytes(bytes).toString('base64')) })
  const lines = Array.from({ length: 20 }, (_, i) => large(`["k${i}"]`, 40_000))
  const pieces = packLines(lines.join(''), 1_000_000)
  expect(pieces.length).toBeGreaterThan(2)
  expect(Math.max(...pieces.map(({ bytes }) => bytes.byteLength))).toBeLessThanOrEqual(maxSegmentBytes)
  expect(pieces.map(({ bytes }) => unpack(bytes)).join('')).toBe(lines.join(''))
  expect(() => packLines(large('["big"]', 600_000), 1_000_000)).toThrow(/group \["big"\] takes/)
})

test('state that was kept before zstd, as raw deflate, is read', () => {
  expect(unpack(deflateRawSync('a line\n', { level: 1 }))).toBe('a line\n')
  expect(unpack(deflateRawSync(randomBytes(1000).toString('hex'), { level: 0 }))).toHaveLength(2000)
})

test('a head comes back as it was written', () => {
  const head: Head = {
    rev: 'r7',
    seq: 7,
    epoch: 2,
    evolution: 1,
    applied: new Map([['t-0', 5]]),
    from: new Map([['t-0', 3]]),
    boundMs: -4,
    closedMs: noBound,
    cuts: new Map([['t-0', [[0, noBound] as const, [3, -4] as const]]]),
    segments: [{ sk: 'seg#1#x#0', bytes: 20, rawBytes: 90 }],
    tail: [Buffer.from([1, 2, 10, 3]), Buffer.from([4])],
  }
  expect(headOf(headItem('pk', head, 'r7'))).toEqual(head)
})

test('an item that is no head is refused, with the ways out', () => {
  const item = { pk: 'q#g#0', sk: 'head', rev: 'r', body: Buffer.from('{"layout":1}') }
  expect(() => headOf(item)).toThrow(/not of layout log-1.*--fresh/)
})
