// The elements of a pattern of times, as java.time.format.DateTimeFormatterBuilder makes them of its letters.

export type NumberField =
  | 'year'
  | 'month'
  | 'day'
  | 'hour'
  | 'clockHour'
  | 'halfHour'
  | 'clockHalfHour'
  | 'minute'
  | 'second'

export interface NumberElement {
  readonly kind: 'number'
  readonly field: NumberField
  readonly min: number
  readonly max: number
  /** `none` takes no sign, `normal` a minus, `padded` a plus beyond `min` digits, too. */
  readonly sign: 'none' | 'normal' | 'padded'
  /** Its two digits are of the years from 2000 on. */
  readonly isReduced?: true
  /** Digits that the numbers right behind it take, of the digits that it would take itself. */
  readonly reserved: number
}

export interface OffsetElement {
  readonly kind: 'offset'
  readonly hasColon: boolean
  readonly needsMinutes: boolean
  /** What stands for no offset: `Z`, `+0000`. */
  readonly none: string
}

export type Element =
  | NumberElement
  | OffsetElement
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'month'; readonly names: readonly string[] }
  | { readonly kind: 'half' }
  | { readonly kind: 'fraction'; readonly max: number }
  | { readonly kind: 'optional'; readonly elements: readonly Element[] }

const fields: Readonly<Record<string, NumberField>> = {
  ...{ M: 'month', d: 'day', H: 'hour', k: 'clockHour', K: 'halfHour', h: 'clockHalfHour', m: 'minute', s: 'second' },
}

const months = 'January February March April May June July August September October November December'.split(' ')

/** @returns why it is no pattern here, in words */
export function compilePattern(pattern: string, letters: string): readonly Element[] | string {
  const open: Element[][] = [[]]
  let fractions = 0
  for (let at = 0; at < pattern.length; ) {
    const character = pattern[at] ?? ''
    const elements = open.at(-1) ?? []
    let end = at + 1
    if (character === '[') open.push([])
    else if (character === ']') {
      if (open.length === 1) return 'a ] closes nothing'
      open.pop()
      open.at(-1)?.push({ kind: 'optional', elements })
    } else if (character === "'") {
      const quoted = /^'((?:[^']|'')*)'/.exec(pattern.slice(at))
      if (quoted === null) return "a ' has no other one"
      end = at + quoted[0].length
      elements.push({ kind: 'literal', text: quoted[1] === '' ? "'" : (quoted[1] ?? '').replaceAll("''", "'") })
    } else if (/[A-Za-z]/.test(character)) {
      while (pattern[end] === character) end += 1
      const element = letters.includes(character) ? elementOf(character, end - at) : undefined
      if (element === undefined) return `${pattern.slice(at, end)} is not one of its letters`
      if (element.kind === 'fraction') fractions += 1
      push(elements, element)
    } else if (/[{}#]/.test(character)) return `${character} is reserved`
    else elements.push({ kind: 'literal', text: character })
    at = end
  }
  if (open.length > 1) return 'a [ is not closed'
  return fractions > 1 ? 'it has several fractions of a second' : (open[0] ?? [])
}

function elementOf(letter: string, count: number): Element | undefined {
  const number = { kind: 'number', reserved: 0 } as const
  switch (letter) {
    case 'y':
      if (count === 2) return { ...number, field: 'year', min: 2, max: 2, sign: 'none', isReduced: true }
      if (count > 6) return undefined
      return { ...number, field: 'year', min: count, max: 19, sign: count < 4 ? 'normal' : 'padded' }
    case 'a':
      return count === 1 ? { kind: 'half' } : undefined
    case 'S':
      return count > 9 ? undefined : { kind: 'fraction', max: count }
    case 'X':
    case 'x':
      return count > 3 ? undefined : offset(count, letter === 'X' ? 'Z' : (['+00', '+0000', '+00:00'][count - 1] ?? ''))
    case 'Z':
      return count > 3 ? undefined : offset(2, '+0000')
    default:
  }
  const field = fields[letter]
  if (letter === 'M' && (count === 3 || count === 4))
    return { kind: 'month', names: count === 4 ? months : months.map((name) => name.slice(0, 3)) }
  if (field === undefined || count > 2) return undefined
  return count === 1
    ? { ...number, field, min: 1, max: 19, sign: 'normal' }
    : { ...number, field, min: 2, max: 2, sign: 'none' }
}

const offset = (count: number, none: string): OffsetElement => ({
  kind: 'offset',
  hasColon: count === 3,
  needsMinutes: count > 1,
  none,
})

/**
 * Numbers of fixed width right behind a number have their digits reserved in it, `yyyyMMdd`; one of any width behind it takes that
 * back.
 */
function push(elements: Element[], element: Element): void {
  elements.push(element)
  if (element.kind !== 'number') return
  for (let at = elements.length - 2; at >= 0; at -= 1) {
    const base = elements[at]
    if (base?.kind !== 'number') return
    if (base.sign !== 'none' || elements[at - 1]?.kind !== 'number') {
      elements[at] = { ...base, reserved: element.sign === 'none' ? base.reserved + element.max : 0 }
      return
    }
  }
}
