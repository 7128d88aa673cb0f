// A dead letter as JSON: bytes as base64, null where the record had none. One form for every durable sink, so that what reads
// a file reads a queue too; where a sink takes only so many bytes, the record is cut and its length and digest are given.

import { createHash } from 'node:crypto'
import type { DeadLetter } from './dead-letter.ts'

/** What was cut, by part: its whole length in bytes and the SHA-256 of all of it, in hexadecimal. */
export interface CutPart {
  readonly bytes: number
  readonly sha256: string
}

/** Longer ones of these are cut first; what is left of the limit goes to the value. */
const maxKeyBytes = 1024
const maxHeaderBytes = 8 * 1024
const maxTextLength = 1024

/**
 * The whole letter.
 * @example deadLetterJson(letter) // '{"id":"stock-ticks-1-9",…,"value":"/wo=","headers":[["trace","YQ=="]]}'
 */
export const deadLetterJson = (letter: DeadLetter): string => json(letter, {})

/**
 * The letter in at most `maxBytes` of UTF-8. One that is too long keeps its coordinates and the beginning of its key and
 * value; `truncated` then says of each part that was cut how long it was and what its digest is. The record itself stays in
 * its topic as long as the topic keeps it.
 *
 * @param maxBytes at least 32 KiB, so that coordinates, key and headers fit beside some of the value
 */
export function boundedDeadLetterJson(letter: DeadLetter, maxBytes: number): string {
  const whole = deadLetterJson(letter)
  if (Buffer.byteLength(whole) <= maxBytes) return whole
  const key = cut(letter.key, maxKeyBytes)
  const headerBytes = Buffer.from(JSON.stringify(headersOf(letter)))
  const headers = headerBytes.length <= maxHeaderBytes ? letter.headers : []
  const short: DeadLetter = { ...letter, key: key.kept, headers, detail: letter.detail.slice(0, maxTextLength) }
  const truncated = {
    ...(key.part === null ? {} : { key: key.part }),
    ...(headers === letter.headers ? {} : { headers: partOf(headerBytes) }),
  }
  // The frame has an empty value and the report that it was cut: what is left of the limit is for the value, four characters
  // for three bytes.
  const frame = json(
    { ...short, value: Buffer.alloc(0) },
    { ...truncated, value: partOf(letter.value ?? Buffer.alloc(0)) },
  )
  const value = cut(letter.value, Math.max(0, Math.floor((maxBytes - Buffer.byteLength(frame)) / 4) * 3))
  return json({ ...short, value: value.kept }, value.part === null ? truncated : { ...truncated, value: value.part })
}

function json(letter: DeadLetter, truncated: Readonly<Record<string, CutPart>>): string {
  const body = {
    ...letter,
    key: letter.key?.toString('base64') ?? null,
    value: letter.value?.toString('base64') ?? null,
    headers: headersOf(letter),
    ...(Object.keys(truncated).length === 0 ? {} : { truncated }),
  }
  // These two are valid in JSON and not in the XML characters that SQS takes (API reference, SendMessage).
  return JSON.stringify(body).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
}

const headersOf = ({ headers }: DeadLetter): readonly (readonly [string, string | null])[] =>
  headers.map(({ key, value }) => [key, value?.toString('base64') ?? null])

const partOf = (bytes: Buffer): CutPart => ({
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

function cut(bytes: Buffer | null, maxBytes: number): { readonly kept: Buffer | null; readonly part: CutPart | null } {
  if (bytes === null || bytes.length <= maxBytes) return { kept: bytes, part: null }
  return { kept: bytes.subarray(0, maxBytes), part: partOf(bytes) }
}
