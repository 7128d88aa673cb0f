// The matches on text: prefix, suffix, without case, wildcard. Case is event-ruler's (EqualsIgnoreCaseParser): each UTF-16
// unit of the pattern stands for its lower and its upper form, so `ß` is also `SS`, and `𐐀` only itself.

import { invalidPattern, type Place } from './invalid-pattern.ts'

export type TextMatch = (text: string) => boolean

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** What a UTF-16 unit of a pattern stands for. */
const formsOf = (unit: string): readonly string[] => [...new Set([unit.toLowerCase(), unit.toUpperCase()])]

function withoutCase(text: string): string {
  let source = ''
  for (let index = 0; index < text.length; index += 1)
    source += `(?:${formsOf(text.charAt(index)).map(escaped).join('|')})`
  return source
}

const tested =
  (pattern: RegExp): TextMatch =>
  (text) =>
    pattern.test(text)

export const equalsIgnoreCase = (expected: string): TextMatch => tested(new RegExp(`^${withoutCase(expected)}$`, 's'))
export const prefixIgnoreCase = (prefix: string): TextMatch => tested(new RegExp(`^${withoutCase(prefix)}`, 's'))

/** From the end of the text: a search from each of its places would take as many steps as both have together, multiplied. */
export function suffixIgnoreCase(suffix: string): TextMatch {
  const units = [...Array(suffix.length).keys()].map((index) => formsOf(suffix.charAt(index))).reverse()
  return (text) => {
    // Forms differ in length (`ß`, `SS`), so that there may be several places to go on from.
    let ends = new Set([text.length])
    for (const forms of units) {
      const starts = new Set<number>()
      for (const end of ends)
        for (const form of forms)
          if (form.length <= end && text.startsWith(form, end - form.length)) starts.add(end - form.length)
      if (starts.size === 0) return false
      ends = starts
    }
    return true
  }
}

/**
 * `*` stands for any text, none included; `\*` and `\\` for themselves.
 *
 * @throws LocalError for `**` and any other escape, as event-ruler's WildcardParser
 * @example wildcard('a*.log', place)('access.log') // true
 */
export function wildcard(pattern: string, place: Place): TextMatch {
  const parts: string[] = ['']
  let isAfterWildcard = false
  for (let index = 0; index < pattern.length; index += 1) {
    const unit = pattern.charAt(index)
    if (unit === '*') {
      if (isAfterWildcard) throw invalidPattern(place, `Consecutive wildcard characters at pos ${index}`)
      parts.push('')
      isAfterWildcard = true
      continue
    }
    isAfterWildcard = false
    let literal = unit
    if (unit === '\\') {
      index += 1
      literal = pattern.charAt(index)
      if (literal !== '*' && literal !== '\\')
        throw invalidPattern(place, `Invalid escape character at pos ${index - 1}`)
    }
    parts.push(`${parts.pop() ?? ''}${literal}`)
  }
  return (text) => isInOrder(text, parts)
}

/** Linear in the text, whatever the pattern: each part is taken where it first occurs. */
function isInOrder(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (parts.length === 1) return text === first
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let position = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position)
    if (found < 0 || found + part.length > end) return false
    position = found + part.length
  }
  return true
}
