// JSON with the texts of its numbers, however deep it nests: `JSON.parse` alone reads any depth, with a reviver it calls itself level
// by level and ends at some thousand. Slower than the reviver's way, and used only where that one gave up.

import { randomUUID } from 'node:crypto'
import { NumberLiteral } from './leaf.ts'

/** Before a number's text while it is one; no message can know it. */
const mark = `${randomUUID()}:`

/**
 * @param text valid JSON
 * @example parseDeepJson('[[3.0e2]]') // [[NumberLiteral { value: 300, text: '3.0e2' }]]
 */
export function parseDeepJson(text: string): unknown {
  const top: { value: unknown } = { value: JSON.parse(withMarkedNumbers(text)) }
  const open: object[] = [top]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const [key, value] of Object.entries(next)) {
      if (typeof value === 'object' && value !== null) open.push(value)
      else if (typeof value === 'string' && value.startsWith(mark)) {
        const number = value.slice(mark.length)
        // Not an assignment: a key may be `__proto__`.
        Object.defineProperty(next, key, { value: new NumberLiteral(Number(number), number), enumerable: true })
      }
    }
  return top.value
}

const quote = 0x22
const backslash = 0x5c
const isNumberStart = (unit: number): boolean => unit === 0x2d || (unit >= 0x30 && unit <= 0x39)

/** Each number as a text with the mark before it. */
function withMarkedNumbers(text: string): string {
  const number = /[-+.\deE]+/y
  const pieces: string[] = []
  let copied = 0
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at)
    if (unit === quote) {
      at += 1
      while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1
      at += 1
    } else if (isNumberStart(unit)) {
      number.lastIndex = at
      const found = number.exec(text)?.[0] ?? ''
      pieces.push(text.slice(copied, at), JSON.stringify(`${mark}${found}`))
      at += found.length
      copied = at
    } else at += 1
  }
  return pieces.concat(text.slice(copied)).join('')
}
