// A record as a line for a person, or as JSON for a program. Bytes that are text are shown as text, others as hexadecimal digits;
// nothing in them reaches the terminal as a control character. Pure.
import type { KafkaRow } from 'microbatch'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { jsonText } from './json-text.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text that bytes are; undefined for bytes that are none. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function shown(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  return printable(textOf(bytes) ?? `0x${hexOf(bytes)}`, 10_000)
}

/** @example recordLine(row) // '2026-01-05T14:30:00.000Z  orders-0@12  key-1  {"total":3}' */
export function recordLine({ topic, partition, offset, timestamp, key, value }: KafkaRow): string {
  return `${timeOf(timestamp)}  ${topic}-${partition}@${offset}  ${shown(key)}  ${shown(value)}`
}

/** A producer may give any number. */
function timeOf(epochMs: number): string {
  const date = new Date(epochMs)
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString()
}

/** JSON that is a value of its own stays one; other text is a string, and bytes that are no text are `{ hex }`. */
export function recordJson({ topic, partition, offset, timestamp, key, value, headers }: KafkaRow): string {
  return jsonText({
    ...{ topic, partition, offset, timestamp },
    key: bytesOf(key),
    value: jsonValueOf(value),
    ...(headers.length === 0 ? {} : { headers: headers.map(({ key, value }) => ({ key, value: bytesOf(value) })) }),
  })
}

const bytesOf = (bytes: Uint8Array | null): unknown =>
  bytes === null ? null : (textOf(bytes) ?? { hex: hexOf(bytes) })

function jsonValueOf(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null
  const text = textOf(bytes)
  if (text === undefined) return { hex: hexOf(bytes) }
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
