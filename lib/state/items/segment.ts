// Images of groups as text lines, compressed: the content of a segment, of a snapshot and of a head's tail. A later line of a
// group wins over an earlier one. Fields are separated by tabs, which JSON never holds raw.

import { constants, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { MicrobatchError } from '../../error.ts'
import type { TextWriter } from '../../text-writer.ts'
import { endOfText, endText } from './lane.ts'

/** A segment as stored stays well under an item of DynamoDB (400 KB), its key and head room included. */
export const maxSegmentBytes = 350_000
export interface Packed {
  readonly bytes: Uint8Array
  readonly rawBytes: number
}

/** One image: `end`, `version`, `last`, `key`, `acc`. */
export interface ImageFields {
  /** Milliseconds; infinite for a group that never ends; or a lane (lane.ts). */
  readonly endMs: number
  readonly version: number
  /** Topic-partition and last offset folded, in turns; update mode only. */
  readonly last: readonly (string | number)[]
  readonly key: string
  /** The accumulators, encoded: one line of JSON. Empty for what was taken out. */
  readonly acc: string
}

/** Writes the fields of an image but for the accumulators and the line break, which come after them. */
export function writeImageStart({ endMs, version, last, key }: Omit<ImageFields, 'acc'>, out: TextWriter): void {
  out.text(startText(endMs, version))
  for (let i = 0; i < last.length; i += 1) {
    const part = last[i]
    if (typeof part === 'number') out.number(part)
    else if (part !== undefined) out.text(placeText(part, i))
  }
  out.text(last.length === 0 ? '\t' : ']\t')
  out.text(key)
  out.text('\t')
}

/** The first two fields, which are the same for many groups: made once for them. */
function startText(endMs: number, version: number): string {
  if (endMs !== start.endMs || version !== start.version) {
    start = { endMs, version, text: `${endText(endMs)}\t${version}\t` }
  }
  return start.text
}

let start = { endMs: Number.NaN, version: 0, text: '' }

/** What comes before an offset in the JSON of `last`: the topic-partition, made once for many groups. */
function placeText(tp: string, i: number): string {
  if (tp !== quoted.tp) quoted = { tp, first: `[${JSON.stringify(tp)},`, next: `,${JSON.stringify(tp)},` }
  return i === 0 ? quoted.first : quoted.next
}

let quoted = { tp: '', first: '["",', next: ',"",' }

/** @param line without its line break @throws MicrobatchError STATE_INCOMPATIBLE for text that is no line */
export function parseImageLine(line: string): ImageFields {
  const end = line.indexOf('\t')
  const version = line.indexOf('\t', end + 1)
  const last = line.indexOf('\t', version + 1)
  const key = line.indexOf('\t', last + 1)
  if (key === -1)
    throw new MicrobatchError('STATE_INCOMPATIBLE', 'A segment of kept state holds a line that is no group.')
  const lastText = line.slice(version + 1, last)
  return {
    endMs: endOfText(line.slice(0, end)),
    version: Number(line.slice(end + 1, version)),
    last: lastText === '' ? noLast : JSON.parse(lastText),
    key: line.slice(last + 1, key),
    acc: line.slice(key + 1),
  }
}

const noLast: readonly (string | number)[] = []

/** Level 1 of zstd takes a third of the time of deflate's fastest, and a fifth of the bytes less. */
const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

export const pack = (text: string): Packed => ({ bytes: zstdCompressSync(text, fast), rawBytes: text.length })

export const fitsItem = ({ bytes }: Packed): boolean => bytes.byteLength <= maxSegmentBytes

/** How zstd's frames begin (RFC 8878), which no raw deflate stream can. */
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** Also of state that was kept before zstd, which is raw deflate. */
export const unpack = (bytes: Uint8Array): string =>
  (zstdMagic.compare(bytes, 0, zstdMagic.length) === 0 ? zstdDecompressSync(bytes) : inflateRawSync(bytes)).toString(
    'utf8',
  )

/**
 * Lines packed into pieces that each fit an item.
 * @param text lines, each with its line break
 * @param pieceLength text that is compressed in one piece; what does not fit after compression is halved
 * @throws MicrobatchError STATE_TOO_LARGE where one line alone does not
 */
export function packLines(text: string, pieceLength: number): readonly Packed[] {
  const pieces: Packed[] = []
  for (let from = 0; from < text.length; ) {
    const end = text.length - from <= pieceLength ? text.length : lineEnd(text, from, from + pieceLength)
    pieces.push(...packOrHalve(text.slice(from, end)))
    from = end
  }
  return pieces
}

/** The last end of a line in `from` to `upTo`; the end of the first line where that is longer. */
function lineEnd(text: string, from: number, upTo: number): number {
  const end = text.lastIndexOf('\n', upTo - 1) + 1
  return end > from ? end : text.indexOf('\n', from) + 1
}

function packOrHalve(text: string): readonly Packed[] {
  const packed = pack(text)
  if (fitsItem(packed)) return [packed]
  const middle = lineEnd(text, 0, text.length >> 1)
  if (middle === text.length) throw tooLarge(text, packed.bytes.byteLength)
  return [...packOrHalve(text.slice(0, middle)), ...packOrHalve(text.slice(middle))]
}

function tooLarge(line: string, bytes: number): MicrobatchError {
  const { key } = parseImageLine(line.slice(0, -1))
  return new MicrobatchError(
    'STATE_TOO_LARGE',
    `The group ${key.slice(0, 100)} takes ${bytes} compressed bytes of state; ${maxSegmentBytes} are the most that one may. ` +
      'Group by more columns or use shorter windows, and keep lists and distinct values out of the aggregates.',
  )
}
