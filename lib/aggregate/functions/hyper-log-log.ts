// HyperLogLog: how many different values there are, from a fixed number of small registers. The registers depend on the set of
// values alone, so order and parts do not matter. The estimate is Ertl's (2017, arXiv:1702.01284), which is unbiased from one
// value to any number without the tables of HyperLogLog++.

import { incompatible, type Scalar } from '../../types/kept-value.ts'

/** A register each for 2^p parts of the values. */
export type Registers = Uint8Array

/** @param p bits that choose the register; the relative standard error is 1.04 / sqrt(2^p) */
export const emptyRegisters = (p: number): Registers => new Uint8Array(2 ** p)

const bitsOf = (registers: Registers): number => 31 - Math.clz32(registers.length)

/** Takes a value in. It changes the registers. */
export function note(registers: Registers, value: Scalar): void {
  const p = bitsOf(registers)
  hash(value)
  const index = high >>> (32 - p)
  // The place of the first one bit among the other 64 - p.
  const rest = high << p
  const rank = rest === 0 ? 33 - p + Math.clz32(low) : Math.clz32(rest) + 1
  if (rank > (registers[index] ?? 0)) registers[index] = rank
}

/** The registers of the values of both, in `left`. */
export function unite(left: Registers, right: Registers): Registers {
  for (let i = 0; i < left.length; i += 1) left[i] = Math.max(left[i] ?? 0, right[i] ?? 0)
  return left
}

/** @example estimate(registers) // 11987 */
export function estimate(registers: Registers): number {
  const m = registers.length
  const most = 64 - bitsOf(registers)
  const counts = new Array<number>(most + 2).fill(0)
  for (const rank of registers) counts[rank] = (counts[rank] ?? 0) + 1
  let z = m * tau(1 - (counts[most + 1] ?? 0) / m)
  for (let k = most; k >= 1; k -= 1) z = 0.5 * (z + (counts[k] ?? 0))
  z += m * sigma((counts[0] ?? 0) / m)
  return Math.round((m * m) / (2 * Math.LN2 * z))
}

function sigma(start: number): number {
  if (start === 1) return Number.POSITIVE_INFINITY
  let [x, y, z, before] = [start, 1, start, -1]
  while (z !== before) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

function tau(start: number): number {
  if (start === 0 || start === 1) return 0
  let [x, y, z, before] = [start, 1, 1 - start, -1]
  while (z !== before) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}

/** One character for each register, whose rank is 61 at the most. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export const encodeRegisters = (registers: Registers): string =>
  Array.from(registers, (rank) => letters.charAt(rank)).join('')

/** @throws MicrobatchError STATE_INCOMPATIBLE for what is no text of 2^p registers */
export function decodeRegisters(encoded: unknown, p: number): Registers {
  if (typeof encoded !== 'string' || encoded.length !== 2 ** p) throw incompatible(encoded, `${2 ** p} registers`)
  return Uint8Array.from(encoded, (letter) => {
    const rank = letters.indexOf(letter)
    if (rank === -1 || rank > 65 - p) throw incompatible(encoded, `${2 ** p} registers`)
    return rank
  })
}

/** The hash of the last value, in two halves: a pair as a result would be garbage for each row. */
let high = 0
let low = 0

const floats = new Float64Array(1)
const words = new Uint32Array(floats.buffer)

/** Two lanes of MurmurHash3's 32-bit mixing, over the units of a text or the words of a number. */
function hash(value: Scalar): void {
  high = 0x9747b28c
  low = 0x3c6ef372
  let length = 2
  if (typeof value === 'string') {
    length = value.length
    for (let i = 0; i < length; i += 1) mix(value.charCodeAt(i))
    // A text is never a number.
    mix(0x7465)
  } else {
    floats[0] = Number(value)
    mix(words[0] ?? 0)
    mix(words[1] ?? 0)
    if (typeof value === 'boolean') mix(0x6200)
  }
  high = finished(high ^ length)
  low = finished(low ^ length ^ high)
}

function mix(word: number): void {
  const first = Math.imul(word, 0xcc9e2d51)
  high ^= Math.imul((first << 15) | (first >>> 17), 0x1b873593)
  high = (Math.imul((high << 13) | (high >>> 19), 5) + 0xe6546b64) | 0
  const second = Math.imul(word, 0x239b961b)
  low ^= Math.imul((second << 16) | (second >>> 16), 0xab0e9789)
  low = (Math.imul((low << 17) | (low >>> 15), 5) + 0x561ccd1b) | 0
}

function finished(state: number): number {
  let hashed = state ^ (state >>> 16)
  hashed = Math.imul(hashed, 0x85ebca6b)
  hashed ^= hashed >>> 13
  hashed = Math.imul(hashed, 0xc2b2ae35)
  return hashed ^ (hashed >>> 16)
}
