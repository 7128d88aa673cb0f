// Text put together piece by piece, as bytes: what a group of a batch is written as takes a dozen pieces, and strings that are
// added up keep every piece until somebody reads them. Used again from one text to the next.

const firstSize = 65_536

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
    const bytes = this.#bytes
    let at = this.#at
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
    this.#length += piece.length
  }

  /** A number as JSON has it. @param value finite */
  number(value: number): void {
    if (value >= 0 && value < 10 && Number.isInteger(value)) this.#digit(value)
    else this.text(`${value}`)
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

  #digit(value: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1)
    this.#bytes[this.#at] = 0x30 + value
    this.#at += 1
    this.#length += 1
  }

  #grow(by: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + by))
    this.#bytes.copy(bytes, 0, 0, this.#at)
    this.#bytes = bytes
  }
}
