// The arrays and maps of an Avro value, counted before avsc reads them: a damaged count of a block would keep it at work for ever,
// or fill the memory. A schema without arrays and maps needs none of this, and pays nothing.

import type avsc from 'avsc'
import { branchesOf, isRecord, partOf } from './avro-type.ts'

/** @returns where the value ends, or -1 where it does not fit into its bytes */
type Skip = (bytes: Buffer, at: number) => number

/** Items that take no bytes, such as nulls, are not bounded by the length of the value. */
const maxEmptyItems = 100_000

/**
 * @param type without logical types
 * @returns undefined where the schema has no arrays and maps; else whether a value that begins at `start` is within its bytes
 * @example blockCheck(type)?.(bytes, 5) // false for a count of 2^40
 */
export function blockCheck(type: avsc.Type): ((bytes: Buffer, start: number) => boolean) | undefined {
  const skips = new Map<avsc.Type, Skip>()
  let hasBlocks = false
  const skip = skipOf(type)
  return hasBlocks ? (bytes, start) => skip(bytes, start) >= 0 : undefined

  function skipOf(of: avsc.Type): Skip {
    const known = skips.get(of)
    if (known !== undefined) return known
    // A recursive type finds this one while it is being made.
    let made: Skip = () => -1
    skips.set(of, (bytes, at) => made(bytes, at))
    made = make(of)
    skips.set(of, made)
    return made
  }

  function make(of: avsc.Type): Skip {
    const { typeName } = of
    if (isRecord(of)) {
      const fields = of.fields.map((field) => skipOf(field.type))
      return (bytes, at) => fields.reduce((place, field) => (place < 0 ? -1 : field(bytes, place)), at)
    }
    if (typeName.startsWith('union')) {
      const branches = branchesOf(of).map(skipOf)
      return (bytes, at) => {
        const index = readLong(bytes, at)
        return branches[index.value]?.(bytes, index.end) ?? -1
      }
    }
    const item = partOf(of)
    if (item !== undefined) {
      hasBlocks = true
      return blocks(typeName === 'map' ? after(bytesAndLength, skipOf(item)) : skipOf(item))
    }
    return primitives[typeName] ?? fixed('size' in of && typeof of.size === 'number' ? of.size : 0)
  }
}

const fixed =
  (size: number): Skip =>
  (bytes, at) =>
    at + size <= bytes.length ? at + size : -1

const bytesAndLength: Skip = (bytes, at) => {
  const length = readLong(bytes, at)
  return length.value < 0 || length.end + length.value > bytes.length ? -1 : length.end + length.value
}

const long: Skip = (bytes, at) => readLong(bytes, at).end

const primitives: Readonly<Record<string, Skip>> = {
  null: (_bytes, at) => at,
  boolean: fixed(1),
  int: long,
  long,
  enum: long,
  float: fixed(4),
  double: fixed(8),
  string: bytesAndLength,
  bytes: bytesAndLength,
}

const after =
  (first: Skip, second: Skip): Skip =>
  (bytes, at) => {
    const place = first(bytes, at)
    return place < 0 ? -1 : second(bytes, place)
  }

/**
 * Blocks of items until one of none. A negative count has the length of its block after it, by which avsc goes on where it skips: it
 * must be that of the items.
 */
const blocks =
  (item: Skip): Skip =>
  (bytes, start) => {
    let at = start
    let emptyItems = 0
    for (;;) {
      const count = readLong(bytes, at)
      if (count.end < 0) return -1
      at = count.end
      if (count.value === 0) return at
      const blockEnd = count.value < 0 ? bytesAndLength(bytes, at) : undefined
      if (blockEnd !== undefined) at = long(bytes, at)
      for (let left = Math.abs(count.value); left > 0; left -= 1) {
        if (at < 0) return -1
        const next = item(bytes, at)
        if (next < 0) return -1
        if (next === at && ++emptyItems > maxEmptyItems) return -1
        at = next
      }
      if (blockEnd !== undefined && blockEnd !== at) return -1
    }
  }

/** A zig-zag number of at most ten bytes. One of more than 53 bits is not exact, and as a length beyond every value in any case. */
function readLong(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0
  let factor = 1
  for (let at = start; at >= 0 && at < bytes.length && at < start + 10; at += 1) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value: value % 2 === 0 ? value / 2 : -(value + 1) / 2, end: at + 1 }
    factor *= 128
  }
  return { value: 0, end: -1 }
}
