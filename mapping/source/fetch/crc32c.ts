// CRC-32C (Castagnoli), the checksum of Kafka's record batches since KIP-98. node:zlib has only the other polynomial. Eight bytes a
// step by eight tables ("slicing by 8", Kounavis and Berry): some 0.9 GB a second.

const polynomial = 0x82f63b78
const slices = 8

/** Entry `slice * 256 + byte`: what a byte becomes `slice` bytes later. */
const table = makeTable()

function makeTable(): Int32Array {
  const entries = new Int32Array(slices * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    entries[byte] = crc
  }
  for (let index = 256; index < entries.length; index += 1) {
    const before = entries[index - 256] ?? 0
    entries[index] = (before >>> 8) ^ (entries[before & 0xff] ?? 0)
  }
  return entries
}

const entry = (slice: number, value: number): number => table[(slice << 8) | (value & 0xff)] ?? 0

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)

/**
 * @returns an unsigned number of 32 bits
 * @example crc32c(Buffer.from('123456789')) // 0xe3069283
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1
  let at = start
  for (const whole = end - ((end - start) % slices); at < whole; at += slices) {
    const low = crc ^ word(bytes, at)
    const high = word(bytes, at + 4)
    crc = entry(7, low) ^ entry(6, low >>> 8) ^ entry(5, low >>> 16) ^ entry(4, low >>> 24)
    crc ^= entry(3, high) ^ entry(2, high >>> 8) ^ entry(1, high >>> 16) ^ entry(0, high >>> 24)
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ entry(0, crc ^ (bytes[at] ?? 0))
  return (crc ^ -1) >>> 0
}
