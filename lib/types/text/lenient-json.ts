// The JSON that Spark reads: Jackson's reader as Spark 3.5 sets it up (catalyst JSONOptions), which is RFC 8259 with
// single quotes and the numbers NaN, Infinity, +INF and their kin. It checks and cuts the text; what a value means to a
// column is decided in from-json.ts, from the value's own text, so that `1000.0` and `1000` stay two things.

import { unicodeEscape } from '../../printable.ts'
import { javaDouble } from './java-double.ts'
import {
  apostrophe,
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  openBrace,
  openBracket,
  quote,
} from './json-marks.ts'

/** Takes one field of the object: its name, and its value as it is written in the text. */
export type FieldReader = (name: string, source: string) => void

/** Jackson's StreamReadConstraints: more levels, or more digits in one number, and the text is malformed. */
const maxDepth = 1000
const maxDigits = 1000

const malformed = -1

/**
 * Reads the object that the text begins with; what follows it is ignored. Fields come in the order of the text, equal
 * names as often as they are there. A text may turn out malformed after some of its fields were read.
 *
 * @returns 'blank' where there is nothing in the text at all
 * @example readObject(`{'symbol': 'AAPL'} and so on`, (name, source) => …) // 'symbol', "'AAPL'"
 */
export function readObject(text: string, onField: FieldReader): 'object' | 'blank' | 'malformed' {
  const start = blankEnd(text, 0)
  if (start === text.length) return 'blank'
  if (text[start] !== '{') return 'malformed'
  return objectEnd(text, start, 1, onField) === malformed ? 'malformed' : 'object'
}

// Each function below takes the place where something begins and gives the place after its end, or `malformed`. They
// compare character codes: one-character strings cost a third more time on a tick.

export function valueEnd(text: string, start: number, depth: number): number {
  switch (text.charCodeAt(start)) {
    case quote:
    case apostrophe:
      return stringEnd(text, start)
    case openBrace:
      return objectEnd(text, start, depth + 1, null)
    case openBracket:
      return arrayEnd(text, start, depth + 1)
    default:
      return wordEnd(text, start)
  }
}

function objectEnd(text: string, start: number, depth: number, onField: FieldReader | null): number {
  if (depth > maxDepth) return malformed
  let at = blankEnd(text, start + 1)
  if (text.charCodeAt(at) === closeBrace) return at + 1
  for (;;) {
    const opening = text.charCodeAt(at)
    if (opening !== quote && opening !== apostrophe) return malformed
    const nameEnd = stringEnd(text, at)
    if (nameEnd === malformed) return malformed
    const nameStart = at
    at = blankEnd(text, nameEnd)
    if (text.charCodeAt(at) !== colon) return malformed
    const valueStart = blankEnd(text, at + 1)
    const end = valueEnd(text, valueStart, depth)
    if (end === malformed) return malformed
    if (onField !== null) onField(unquote(text.slice(nameStart, nameEnd)), text.slice(valueStart, end))
    at = blankEnd(text, end)
    const next = text.charCodeAt(at)
    if (next === closeBrace) return at + 1
    if (next !== comma) return malformed
    at = blankEnd(text, at + 1)
  }
}

function arrayEnd(text: string, start: number, depth: number): number {
  if (depth > maxDepth) return malformed
  let at = blankEnd(text, start + 1)
  if (text.charCodeAt(at) === closeBracket) return at + 1
  for (;;) {
    const end = valueEnd(text, at, depth)
    if (end === malformed) return malformed
    at = blankEnd(text, end)
    const next = text.charCodeAt(at)
    if (next === closeBracket) return at + 1
    if (next !== comma) return malformed
    at = blankEnd(text, at + 1)
  }
}

function stringEnd(text: string, start: number): number {
  const opening = text.charCodeAt(start)
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === opening) return at + 1
    if (unit < 0x20) return malformed
    if (unit !== backslash) continue
    escapeSequence.lastIndex = at
    if (!escapeSequence.test(text)) return malformed
    at = escapeSequence.lastIndex - 1
  }
  return malformed
}

/** `\'` is known too: Jackson takes it wherever it takes single quotes. */
const escapeSequence = /\\(?:["'\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** A word cut short (`1.`, `1e`) or too long (`01`, `nulls`) ends early here, and what then follows is no comma. */
const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|NaN|[+-]?Infinity|[+-]INF/y

function wordEnd(text: string, start: number): number {
  word.lastIndex = start
  if (!word.test(text)) return malformed
  const end = word.lastIndex
  return end - start > maxDigits && digitsOf(text.slice(start, end)) > maxDigits ? malformed : end
}

const digitsOf = (source: string): number => source.replace(/\D/g, '').length

export function blankEnd(text: string, start: number): number {
  let at = start
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return at
    at += 1
  }
}

const meaningOfEscape = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** The text of a string that `readObject` gave, without its quotes and escapes. */
export function unquote(source: string): string {
  const inner = source.slice(1, -1)
  if (!inner.includes('\\')) return inner
  return inner.replace(/\\(?:u(.{4})|(.))/g, (_, hex: string | undefined, character: string) =>
    hex === undefined ? (meaningOfEscape.get(character) ?? character) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/**
 * A value that `readObject` gave, as Jackson's generator writes it again: no blanks, numbers in Java's form, what JSON
 * cannot say in quotes, and characters beyond the Basic Multilingual Plane as escaped surrogates.
 *
 * @example compact("{'a': [1.50, 1e3, NaN]}") // '{"a":[1.5,1000.0,"NaN"]}'
 */
export function compact(source: string): string {
  const parts: string[] = []
  for (let at = 0; at < source.length; at = blankEnd(source, at)) {
    const end = isPunctuation(source.charAt(at)) ? at + 1 : valueEnd(source, at, 0)
    parts.push(compactToken(source.slice(at, end)))
    at = end
  }
  return parts.join('')
}

const isPunctuation = (character: string): boolean => '{}[]:,'.includes(character)

function compactToken(token: string): string {
  if (isQuoted(token)) return quoted(unquote(token))
  if (!isNumber(token)) return token
  if (isInteger(token)) return token === '-0' ? '0' : token
  const text = javaDouble(numberValue(token))
  return /\d/.test(text) ? text : `"${text}"`
}

export const isQuoted = (source: string): boolean => {
  const first = source.charCodeAt(0)
  return first === quote || first === apostrophe
}
export const isNumber = (source: string): boolean => /^[\d+\-NI]/.test(source)
export const isInteger = (source: string): boolean => /^-?\d+$/.test(source)

/** The double of a number's text; an integer has no negative zero. @example numberValue('-INF') // -Infinity */
export function numberValue(source: string): number {
  if (source.endsWith('INF')) return source.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return source === '-0' ? 0 : Number(source)
}

const quoted = (text: string): string =>
  `"${text.replace(/["\\\x00-\x1f\ud800-\udfff]/g, (unit) => shortEscapes.get(unit) ?? unicodeEscape(unit))}"`

const shortEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ...Array.from(meaningOfEscape, ([letter, character]) => [character, `\\${letter}`] as const),
])
