// Text. Spark keeps it as UTF-8, so it is ordered by those bytes; in rows it is a string of JavaScript.

import type { ColumnType, Domain } from './column-type.ts'
import { incompatible } from './kept-value.ts'
import { compact, isQuoted, unquote } from './text/lenient-json.ts'

/** UTF-16 puts surrogates (code points from U+10000) below U+E000 to U+FFFF, UTF-8 above: rotate the two ranges. */
const utf8Rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)

const domain: Domain<string> = {
  isPrimitive: true,
  isLong: true,
  compare(left, right) {
    const length = Math.min(left.length, right.length)
    for (let i = 0; i < length; i++) {
      const difference = left.charCodeAt(i) - right.charCodeAt(i)
      if (difference !== 0) return utf8Rank(left.charCodeAt(i)) - utf8Rank(right.charCodeAt(i))
    }
    return left.length - right.length
  },
  encode: (value) => value,
  decode(encoded) {
    if (typeof encoded !== 'string') throw incompatible(encoded, 'a string')
    return encoded
  },
  canonical: (value) => value,
}

/** Java's encoder puts a question mark for half a surrogate pair. */
const loneSurrogate = /\p{Surrogate}/gu

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

export const stringType: ColumnType<string> = {
  kind: 'string',
  name: 'string',
  sparkName: 'STRING',
  isNumeric: false,
  json: {
    wanted: 'a string',
    isWhole: false,
    isText: true,
    read: textOf,
    // from_json takes any value for text, as Jackson would write it.
    readLenient: (source) => (isQuoted(source) ? unquote(source).replace(loneSurrogate, '?') : compact(source)),
  },
  plain: { kind: 'text' },
  wanted: 'a string',
  hold: textOf,
  print: (value) => value,
  domain,
}
