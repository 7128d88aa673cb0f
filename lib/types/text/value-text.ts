// Any value that code may give, in a few words for a message. preview.ts writes what JSON has; the rest is named here.

import { preview } from '../../preview.ts'

/**
 * It takes anything, also an object whose properties throw.
 *
 * @example valueText('99.5') // '"99.5"'
 * @example valueText(12n) // '12n'
 * @example valueText(Promise.resolve(1)) // 'a Promise'
 */
export function valueText(value: unknown): string {
  try {
    return textOf(value)
  } catch {
    return `an ${typeof value} that cannot be looked at`
  }
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`.slice(0, 80)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    case 'object':
      break
    default:
      return preview(value)
  }
  if (value === null || Array.isArray(value)) return preview(value)
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'a Date that is none' : `the Date ${value.toISOString()}`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return preview(value)
  const name = className(value)
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}

/** An object may have anything for its constructor. */
function className(value: object): string {
  const maker: unknown = Reflect.get(value, 'constructor')
  return typeof maker === 'function' && maker.name !== '' ? maker.name.slice(0, 80) : 'class instance'
}
