// Address ranges: `10.0.0.0/24`, `2001:db8::/32`. The rules are event-ruler's (CIDR.java): at least one free bit, no IPv4
// address written as IPv6, and an address matches a range of its own family only.

import { isIPv4, isIPv6 } from 'node:net'
import { invalidPattern, type Place } from './invalid-pattern.ts'
import type { TextMatch } from './text-match.ts'

interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

/**
 * @throws LocalError where it is not an address with a mask
 * @example cidr('10.0.0.0/8', place)('10.1.2.3') // true
 */
export function cidr(range: string, place: Place): TextMatch {
  const [text = '', mask = '', ...rest] = range.split('/')
  if (!range.includes('/') || rest.length > 0) throw invalidPattern(place, "Malformed CIDR, one '/' required")
  const base = addressOf(text)
  if (base === undefined) throw invalidPattern(place, `Nonstandard IP address: ${text}`)
  if (!/^\d+$/.test(mask)) throw invalidPattern(place, 'Malformed CIDR, mask bits must be an integer')
  if (Number(mask) >= base.bits)
    throw invalidPattern(place, `IPv${base.bits === 32 ? 4 : 6} mask bits must be < ${base.bits}`)
  const free = BigInt(base.bits - Number(mask))
  const network = base.value >> free
  return (candidate) => {
    const address = addressOf(candidate)
    return address !== undefined && address.bits === base.bits && address.value >> free === network
  }
}

function addressOf(text: string): Address | undefined {
  if (isIPv4(text)) return { bits: 32, value: joined(text.split('.').map(Number), 8) }
  if (!isIPv6(text) || text.includes('.') || text.includes('%')) return undefined
  const [head = '', tail] = text.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const before = groups(head)
  const after = groups(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return { bits: 128, value: joined([...before, ...zeros, ...after], 16) }
}

const joined = (parts: readonly number[], bitsEach: number): bigint =>
  parts.reduce((sum, part) => (sum << BigInt(bitsEach)) | BigInt(part), 0n)
