// The fields of a JSON object, and the elements of a list, as they are written. For texts that JSON.parse took: nothing is checked here, and depth is a
// count, so a value may be as deep as it likes.

import { backslash, closeBrace, closeBracket, comma, openBrace, openBracket, quote } from './json-marks.ts'

/**
 * Calls back for each field of the object, equal names as often as they are there.
 *
 * @param text an object of strict JSON, as JSON.parse has accepted it
 * @example strictFields('{"a": 1.50, "b": [2]}', (name, source) => …) // 'a', '1.50' and then 'b', '[2]'
 */
export function strictFields(text: string, onField: (name: string, source: string) => void): void {
  let at = text.indexOf('{') + 1
  for (;;) {
    const nameStart = text.indexOf('"', at)
    if (nameStart === -1) return
    const nameEnd = stringEnd(text, nameStart)
    const valueStart = text.indexOf(':', nameEnd) + 1
    const valueEnd = endOfValue(text, valueStart)
    const name = text.slice(nameStart + 1, nameEnd - 1)
    const isEscaped = name.includes('\\')
    onField(isEscaped ? JSON.parse(text.slice(nameStart, nameEnd)) : name, text.slice(valueStart, valueEnd).trim())
    if (text.charCodeAt(valueEnd) !== comma) return
    at = valueEnd + 1
  }
}

/**
 * Calls back for each element of the list, until it gives false.
 *
 * @param text a list of strict JSON, as JSON.parse has accepted it
 * @returns false where it was ended
 * @example strictElements('[1.50, "a"]', (source) => …) // '1.50' and then '"a"'
 */
export function strictElements(text: string, onElement: (source: string) => boolean): boolean {
  let at = text.indexOf('[') + 1
  for (;;) {
    const end = endOfValue(text, at)
    const source = text.slice(at, end).trim()
    // Nothing between the brackets.
    if (source === '') return true
    if (!onElement(source)) return false
    if (text.charCodeAt(end) !== comma) return true
    at = end + 1
  }
}

/** The place of the comma, the bracket or the brace that comes after a value. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = stringEnd(text, at) - 1
        break
      case openBrace:
      case openBracket:
        depth += 1
        break
      case closeBracket:
      case closeBrace:
        if (depth === 0) return at
        depth -= 1
        break
      case comma:
        if (depth === 0) return at
        break
      default:
    }
  }
  return text.length
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === quote) return at + 1
    if (unit === backslash) at += 1
  }
  return text.length
}
