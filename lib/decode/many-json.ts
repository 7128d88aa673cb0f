// One value, many rows: a JSON array whose elements are rows, or lines of JSON. The value is taken apart by its bytes, without
// reading what is in it, and each part goes to the reader of one row: so a bad element is bad by itself, and its bytes are known.

import {
  apostrophe,
  backslash,
  closeBrace,
  closeBracket,
  comma,
  openBrace,
  openBracket,
  quote,
} from '../types/text/json-marks.ts'
import { type Decoded, type DecodedMany, type Malformed, malformed } from './codec.ts'

/** How the rows of a value lie in it. */
export type Many = 'array' | 'lines'

/** Elements of one value. A batch of six million bytes has room for three million, which no container could hold as rows. */
export const maxElements = 100_000

/**
 * Prepares the reading of values of several rows, once.
 *
 * @param isLenient whether single quotes are quotes, as in Spark's from_json
 * @param read one row, from the bytes of its object
 * @example manyReader('lines', false, read)(Buffer.from('{"a":1}\n{"a":2}')) // two elements
 */
export function manyReader<Row>(
  many: Many,
  isLenient: boolean,
  read: (value: Buffer | null) => Decoded<Row>,
): (value: Buffer | null) => DecodedMany<Row> | Malformed {
  const split = many === 'lines' ? splitLines : splitArray
  return (value) => {
    const parts = value === null || value.length === 0 ? undefined : split(value, isLenient)
    if (parts === 'too many') {
      return malformed('TOO_MANY_ROWS', `the value has more than ${maxElements} elements`)
    }
    // What does not come apart is bad as a whole, in the words of the reader; under the policy `null` it is a row of nulls.
    if (parts === undefined || value === null) return whole(read(value), null)
    if (typeof parts === 'string') return whole(isLenient ? read(value) : malformed('NOT_JSON', parts), value)
    return {
      kind: 'rows',
      elements: parts.map((part) => read(part)),
      bytesOf: (index) => parts[index] ?? value,
    }
  }
}

const whole = <Row>(decoded: Decoded<Row>, value: Buffer | null): DecodedMany<Row> | Malformed =>
  decoded.kind === 'malformed'
    ? decoded
    : { kind: 'rows', elements: [decoded], ...(value === null ? {} : { bytesOf: () => value }) }

/** The parts; what is wrong; or undefined where the value is for the reader of one row. */
type Split = readonly Buffer[] | 'too many' | string | undefined

const newline = 0x0a

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

function trimmed(value: Buffer, start: number, end: number): Buffer {
  let [first, last] = [start, end]
  while (first < last && isBlank(value[first])) first += 1
  while (last > first && isBlank(value[last - 1])) last -= 1
  return value.subarray(first, last)
}

function splitLines(value: Buffer): Split {
  const lines: Buffer[] = []
  for (let start = 0; start < value.length; ) {
    const found = value.indexOf(newline, start)
    const end = found === -1 ? value.length : found
    const line = trimmed(value, start, end)
    if (line.length > 0) lines.push(line)
    if (lines.length > maxElements) return 'too many'
    start = end + 1
  }
  return lines.length === 0 ? 'the value has blank lines only' : lines
}

/** The texts between the commas of the outermost array. Depth is a count: a value may be as deep as it likes. */
function splitArray(value: Buffer, isLenient: boolean): Split {
  const text = trimmed(value, 0, value.length)
  // A single object counts as an array of one, as in Spark; the reader of one row says what anything else is.
  if (text[0] !== openBracket) return undefined
  const parts: Buffer[] = []
  let depth = 0
  let start = 1
  for (let at = 1; at < text.length; at += 1) {
    const byte = text[at]
    if (byte === quote || (isLenient && byte === apostrophe)) {
      at = closingQuote(text, at, byte)
    } else if (byte === openBrace || byte === openBracket) {
      depth += 1
    } else if (depth > 0) {
      if (byte === closeBrace || byte === closeBracket) depth -= 1
    } else if (byte === comma || byte === closeBracket) {
      const part = trimmed(text, start, at)
      const isEmptyArray = byte === closeBracket && parts.length === 0 && part.length === 0
      if (part.length === 0 && !isEmptyArray) return `element ${parts.length} of the array is missing`
      if (!isEmptyArray) parts.push(part)
      if (parts.length > maxElements) return 'too many'
      start = at + 1
      if (byte === closeBracket) return at === text.length - 1 ? parts : 'there is text after the end of the array'
    } else if (byte === closeBrace) return `element ${parts.length} of the array closes what it did not open`
  }
  return 'the array does not end'
}

function closingQuote(text: Buffer, open: number, mark: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === mark) return at
    if (text[at] === backslash) at += 1
  }
  return text.length
}
