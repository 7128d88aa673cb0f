// A long of Avro's as a number. avsc counts in doubles and loses the last bit beyond 2^52, where that bit is the sign: it reads
// -(2^53 - 2) as 2^53 - 2. Beyond 2^52 the bytes are read once more, as whole numbers.

import avsc from 'avsc'

/** What avsc reads from; its types do not say so. */
interface Tap {
  readonly buf: Buffer
  readonly pos: number
  readLong(): number
}

const surely = 2 ** 52

class ExactLong extends avsc.types.LongType {
  protected _read(tap: Tap): number {
    const start = tap.pos
    const number = tap.readLong()
    return number < surely && number > -surely ? number : readExactly(tap.buf, start, tap.pos)
  }
}

export const exactLong = new ExactLong()

/** By its word, or with something that a logical type adds. */
export const isLong = (schema: avsc.Schema): boolean => schema === 'long' || Object(schema).type === 'long'

/** @throws Error where a double cannot have it */
function readExactly(bytes: Buffer, start: number, end: number): number {
  let zigzag = 0n
  for (let at = end - 1; at >= start; at -= 1) zigzag = (zigzag << 7n) | BigInt((bytes[at] ?? 0) & 0x7f)
  const whole = (zigzag >> 1n) ^ -(zigzag & 1n)
  const number = Number(whole)
  if (Number.isSafeInteger(number)) return number
  throw new Error(`expected a long within 2^53 - 1, got ${BigInt.asIntN(64, whole)}: bigint() reads any`)
}
