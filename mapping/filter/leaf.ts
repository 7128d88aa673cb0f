// What stands at the end of a path in a message or a pattern: a JSON scalar. Numbers can keep how they were written, since
// AWS compares plain numbers by their text: "300, 300.0, and 3.0e2 are not considered equal" (EventBridge user guide,
// "Event patterns"; the Lambda guide refers to it).

/** A number with its text, as `JSON.parse` alone would not keep it. */
export class NumberLiteral {
  readonly value: number
  readonly text: string

  constructor(value: number, text: string) {
    this.value = value
    this.text = text
  }

  toJSON(): number {
    return this.value
  }
}

export type Leaf = string | number | boolean | null | NumberLiteral
export type Json = Leaf | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/**
 * @param keepsNumberText numbers become `NumberLiteral`: six times slower, so only where a pattern needs it
 * @throws SyntaxError where it is not JSON
 * @example parseJson('{"a": 3.0e2}', true) // { a: NumberLiteral { value: 300, text: '3.0e2' } }
 */
export function parseJson(text: string, keepsNumberText: boolean): Json {
  if (!keepsNumberText) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new NumberLiteral(value, context?.source ?? String(value)) : value,
  )
}

export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !(value instanceof NumberLiteral) && !isArray(value)

/** `Array.isArray` does not narrow readonly arrays. */
export const isArray = (value: Json): value is readonly Json[] => Array.isArray(value)

export function numberOf(leaf: Json): number | undefined {
  if (typeof leaf === 'number') return leaf
  return leaf instanceof NumberLiteral ? leaf.value : undefined
}

export function numberTextOf(leaf: Json): string | undefined {
  if (typeof leaf === 'number') return String(leaf)
  return leaf instanceof NumberLiteral ? leaf.text : undefined
}
