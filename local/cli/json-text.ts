// Values as JSON for programs, which a person may see on a terminal too: what JSON itself leaves as it is among the characters
// that a terminal obeys is escaped.
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'

/** On one line. Bytes become base64, integers beyond doubles their digits as text. @example jsonText({ a: 1 }) // '{"a":1}' */
export function jsonText(value: unknown): string {
  return printable(JSON.stringify(value, plain) ?? 'null', Number.POSITIVE_INFINITY)
}

function plain(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key]
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64')
  if (typeof value === 'bigint') return String(value)
  return value instanceof Map ? Object.fromEntries(value) : value
}
