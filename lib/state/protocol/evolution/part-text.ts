// Lists of parts as the text of a fingerprint, and back: `ticks count(null), high max(price double)`. Names that hold brackets or the
// separator cannot be told apart, and then the text is no list.

import type { KeptList, KeptPart } from './kept-parts.ts'

/** The place of a part that was dropped. */
const dropped = '-'

export const listText = (list: KeptList, separator = ', '): string =>
  list.map((part) => (part === null ? dropped : `${part.name} ${part.form}`)).join(separator)

/**
 * @param partOf what one text between separators is; null where it is none
 * @returns null where the text is no list of parts
 */
export function parseList(text: string, partOf: (text: string) => KeptPart | null, separator = ', '): KeptList | null {
  const texts = text === '' ? [] : splitOutside(text, separator)
  const list = texts.map((one) => (one === dropped ? null : partOf(one)))
  return list.some((part, i) => part === null && texts[i] !== dropped) ? null : list
}

/** Splits a text where the separator is within no brackets. */
export function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (char === '(') depth += 1
    else if (char === ')') depth -= 1
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(from, i))
      from = i + separator.length
      i = from - 1
    }
  }
  return [...parts, text.slice(from)]
}

/** A column: `price double`. Its type has no spaces but within brackets. */
export function columnPart(text: string): KeptPart | null {
  const words = splitOutside(text, ' ')
  const form = words.at(-1)
  return form === undefined || words.length < 2 ? null : { name: text.slice(0, -form.length - 1), form }
}

/** An aggregate: `high max(price double)`, with ` v2` after it where its encoding has another version than the first. */
export function aggregatePart(text: string): KeptPart | null {
  const version = / v\d+$/.exec(text)?.[0] ?? ''
  const part = columnPart(text.slice(0, text.length - version.length))
  return part === null ? null : { name: part.name, form: part.form + version }
}

/** A variable of a processor: `seen list of string`. */
export function variablePart(text: string): KeptPart | null {
  const [, name, form] = /^(.+?) ((?:value|list|map) of .+)$/s.exec(text) ?? []
  return name === undefined || form === undefined ? null : { name, form }
}
