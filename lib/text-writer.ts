// Text put together piece by piece, as bytes: what a group of a batch is written as takes a dozen pieces, and strings that are
// added up keep every piece until somebody reads them. Used again from one text to the next.

const firstSize = 65_536

/** So long a piece is faster written by Node as a whole than unit by unit. */
const manyUnits = 16

/** Numbers below it are written digit by digit, if they have no more decimals than these. */
const maxCounted = 2 ** 31
const decimals = 4
const scale = 10 ** decimals

export class TextWriter {
  #bytes = Buffer.allocUnsafeSlow(firstSize)
  #at = 0
  #length = 0

  /** Characters so far, as `length` of a string counts them. */
  get length(): number {
    return this.#length
  }

  /** Any text. A lone surrogate becomes U+FFFD, as in every UTF-8 writer. */
  text(piece: string): void {
    // Three bytes are the most that a unit of UTF-16 takes.
    if (this.#at + piece.length * 3 > this.#bytes.length) this.#grow(piece.length * 3)
    this.#length += piece.length
    const bytes = this.#bytes
    let at = this.#at
    if (piece.length >= manyUnits) {
      this.#at = at + bytes.write(piece, at)
      return
    }
    for (let i = 0; i < piece.length; i += 1) {
      const unit = piece.charCodeAt(i)
      if (unit > 0x7f) {
        at += bytes.write(i === 0 ? piece : piece.slice(i), at)
        break
      }
      bytes[at] = unit
      at += 1
    }
    this.#at = at
  }

  /** A number as JSON has it. @param value finite */
  number(value: number): void {
    const size = Math.abs(value)
    if (size >= maxCounted) {
      this.text(`${value}`)
      return
    }
    const whole = Math.floor(size)
    // Doubles tell any fifteen digits apart: if so few give the number, they are the fewest that do, which are those of JSON.
    const scaled = whole === size ? 0 : Math.round(size * scale)
    if (whole !== size && scaled / scale !== size) {
      this.text(`${value}`)
      return
    }
    if (value < 0) this.text('-')
    this.#digits(whole)
    if (whole !== size) this.#decimals(scaled - whole * scale)
  }

  /** What was written; the writer is empty again. */
  finish(): string {
    // Only ASCII has as many bytes as characters, and it is read faster.
    const text = this.#bytes.toString(this.#at === this.#length ? 'latin1' : 'utf8', 0, this.#at)
    this.#at = 0
    this.#length = 0
    return text
  }

  /** Forgets what was written. */
  clear(): void {
    this.#at = 0
    this.#length = 0
  }

  /** A whole number without a string of it. */
  #digits(value: number): void {
    let count = 1
    for (let limit = 10; value >= limit; limit *= 10) count += 1
    this.#put(value, count)
  }

  /** The point and what comes after it, as ten-thousandths. */
  #decimals(value: number): void {
    let rest = value
    let count = decimals
    for (; rest % 10 === 0; rest = (rest / 10) | 0) count -= 1
    this.text('.')
    this.#put(rest, count)
  }

  /** @param count of digits, zeros before the number among them */
  #put(value: number, count: number): void {
    if (this.#at + count > this.#bytes.length) this.#grow(count)
    const bytes = this.#bytes
    let rest = value
    for (let at = this.#at + count - 1; at >= this.#at; at -= 1) {
      const next = (rest / 10) | 0
      bytes[at] = 0x30 + rest - next * 10
      rest = next
    }
    this.#at += count
    this.#length += count
  }

  #grow(by: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + by))
    this.#bytes.copy(bytes, 0, 0, this.#at)
    this.#bytes = bytes
  }
}
