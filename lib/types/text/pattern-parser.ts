// A text by the elements of a pattern -> its fields: what java.time.format's printer-parsers take, in strict mode and any case.

import type { Element, NumberElement, NumberField, OffsetElement } from './pattern-elements.ts'

export type Fields = { readonly [Name in NumberField | 'half' | 'nano' | 'offsetMs']?: number }

interface State {
  readonly at: number
  readonly fields: Fields
}

/** @returns undefined where the text, all of it, is not of the pattern */
export function parseElements(elements: readonly Element[], text: string): Fields | undefined {
  const state = parseAll(elements, text, { at: 0, fields: {} })
  return state?.at === text.length ? state.fields : undefined
}

function parseAll(elements: readonly Element[], text: string, start: State): State | undefined {
  let state: State | undefined = start
  for (const element of elements) {
    if (state === undefined) return undefined
    state = parse(element, text, state)
  }
  return state
}

function parse(element: Element, text: string, state: State): State | undefined {
  switch (element.kind) {
    case 'literal':
      return startsWith(text, state.at, element.text) ? { ...state, at: state.at + element.text.length } : undefined
    case 'optional':
      return parseAll(element.elements, text, state) ?? state
    case 'month':
      return word(text, state, element.names, 'month', 1)
    case 'half':
      return word(text, state, ['AM', 'PM'], 'half', 0)
    case 'fraction': {
      const digits = digitsAt(text, state.at, element.max)
      return digits === '' ? undefined : set(state, 'nano', Number(digits.padEnd(9, '0')), digits.length)
    }
    case 'number':
      return number(element, text, state)
    case 'offset':
      return offset(element, text, state)
  }
}

const startsWith = (text: string, at: number, word: string): boolean =>
  text.slice(at, at + word.length).toLowerCase() === word.toLowerCase()

const digitsAt = (text: string, at: number, max: number): string => /^\d*/.exec(text.slice(at, at + max))?.[0] ?? ''

/** A field that is there already must have the same value. */
function set(state: State, field: keyof Fields, value: number, length: number): State | undefined {
  const known = state.fields[field]
  if (known !== undefined && known !== value) return undefined
  return { at: state.at + length, fields: { ...state.fields, [field]: value } }
}

/** The longest of the words that is there. */
function word(
  text: string,
  state: State,
  words: readonly string[],
  field: keyof Fields,
  first: number,
): State | undefined {
  const [longest] = words.filter((name) => startsWith(text, state.at, name)).sort((a, b) => b.length - a.length)
  return longest === undefined ? undefined : set(state, field, words.indexOf(longest) + first, longest.length)
}

function number({ field, min, max, sign, isReduced, reserved }: NumberElement, text: string, state: State) {
  const mark = text[state.at]
  const hasSign = mark === '+' || mark === '-'
  if (hasSign && (sign === 'none' || (mark === '+' && sign === 'normal'))) return undefined
  const from = state.at + Number(hasSign)
  const given = digitsAt(text, from, max + reserved)
  if (given.length < min) return undefined
  // The reserved digits are given back, as far as there are enough.
  const digits = reserved === 0 ? given : digitsAt(text, from, Math.max(min, given.length - reserved))
  if (sign === 'padded' && mark !== '-') {
    if (hasSign ? digits.length <= min : digits.length > min) return undefined
  }
  const value = Number(digits) + (isReduced === true ? 2000 : 0)
  return set(state, field, mark === '-' ? -value : value, digits.length + Number(hasSign))
}

function offset({ hasColon, needsMinutes, none }: OffsetElement, text: string, state: State): State | undefined {
  if (startsWith(text, state.at, none)) return set(state, 'offsetMs', 0, none.length)
  const minutes = hasColon ? ':(\\d\\d)' : needsMinutes ? '(\\d\\d)' : '(\\d\\d)?'
  const parts = new RegExp(`^([+-])(\\d\\d)${minutes}`).exec(text.slice(state.at))
  if (parts === null) return undefined
  const total = Number(parts[2]) * 60 + Number(parts[3] ?? 0)
  if (Number(parts[3] ?? 0) > 59 || total > 18 * 60) return undefined
  return set(state, 'offsetMs', (parts[1] === '-' ? -total : total) * 60_000, parts[0].length)
}
