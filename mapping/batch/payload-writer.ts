// The bytes of a payload, written in one go: base64 straight from where the records lie, and no string for any of them. A batch of
// 10,000 records would else be 100,000 small strings first.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const padding = 0x3d

/** The two characters of 12 bits, by the first and by the second. */
const firstOf = Uint8Array.from({ length: 4096 }, (_, bits) => alphabet.charCodeAt(bits >> 6))
const secondOf = Uint8Array.from({ length: 4096 }, (_, bits) => alphabet.charCodeAt(bits & 63))

export class PayloadWriter {
  #bytes: Buffer
  #at = 0

  /** @param size bytes that are expected; more are taken too */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(64, size))
  }

  /** Any text. */
  text(text: string): void {
    this.#reserve(text.length * 3)
    this.#at += this.#bytes.write(text, this.#at)
  }

  /** Text of ASCII alone, which is all that a record has around its base64. */
  ascii(text: string): void {
    this.#reserve(text.length)
    const bytes = this.#bytes
    let at = this.#at
    for (let i = 0; i < text.length; i += 1) {
      bytes[at] = text.charCodeAt(i)
      at += 1
    }
    this.#at = at
  }

  /** The base64 of `source` from `start` to `end`. */
  base64(source: Uint8Array, start: number, end: number): void {
    this.#reserve(Math.ceil((end - start) / 3) * 4)
    const bytes = this.#bytes
    let at = this.#at
    let from = start
    for (; from + 2 < end; from += 3) {
      const bits = ((source[from] ?? 0) << 16) | ((source[from + 1] ?? 0) << 8) | (source[from + 2] ?? 0)
      const [left, right] = [bits >> 12, bits & 4095]
      bytes[at] = firstOf[left] ?? 0
      bytes[at + 1] = secondOf[left] ?? 0
      bytes[at + 2] = firstOf[right] ?? 0
      bytes[at + 3] = secondOf[right] ?? 0
      at += 4
    }
    if (from < end) {
      const hasTwo = from + 1 < end
      const bits = ((source[from] ?? 0) << 16) | ((hasTwo ? (source[from + 1] ?? 0) : 0) << 8)
      bytes[at] = firstOf[bits >> 12] ?? 0
      bytes[at + 1] = secondOf[bits >> 12] ?? 0
      bytes[at + 2] = hasTwo ? (firstOf[bits & 4095] ?? 0) : padding
      bytes[at + 3] = padding
      at += 4
    }
    this.#at = at
  }

  finish(): Buffer<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at) as Buffer<ArrayBuffer>
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + length))
    this.#bytes.copy(bytes, 0, 0, this.#at)
    this.#bytes = bytes
  }
}
