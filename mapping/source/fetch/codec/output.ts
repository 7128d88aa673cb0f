// Where Snappy and LZ4 write to: both are literals and copies of what was written before. Each write is checked against the
// size that was promised, so that damaged or hostile bytes end in an error and nowhere else.

/** Compressed data that comes to more bytes than are allowed. */
export class ExpansionError extends RangeError {
  override readonly name = 'ExpansionError'

  constructor(maxBytes: number) {
    super(`compressed data expands to more than ${maxBytes} bytes`)
  }
}

/** There is no room left for what is written. */
export class FullError extends RangeError {
  constructor() {
    super('compressed data holds more than it says')
  }
}

/** Up to here a loop is quicker than a call. */
const shortBytes = 32

/** @example const output = new Output(5); output.literal(bytes, 0, 1); output.copy(1, 4) // aaaaa */
export class Output {
  readonly #bytes: Buffer
  #length = 0

  constructor(maxBytes: number) {
    this.#bytes = Buffer.allocUnsafe(maxBytes)
  }

  get length(): number {
    return this.#length
  }

  /** @throws RangeError past the end of the input or of the output */
  literal(input: Buffer, from: number, length: number): void {
    if (from + length > input.length) throw new RangeError('compressed data ends too early')
    this.#reserve(length)
    const bytes = this.#bytes
    const at = this.#length
    if (length > shortBytes) input.copy(bytes, at, from, from + length)
    else for (let index = 0; index < length; index += 1) bytes[at + index] = input[from + index] ?? 0
    this.#length = at + length
  }

  /**
   * What stands `distance` bytes back; a copy longer than its distance repeats itself.
   * @throws RangeError before the beginning or past the end of the output
   */
  copy(distance: number, length: number): void {
    const from = this.#length - distance
    if (distance === 0 || from < 0) throw new RangeError('compressed data refers to bytes before its beginning')
    this.#reserve(length)
    const bytes = this.#bytes
    const at = this.#length
    if (length > shortBytes && distance >= length) bytes.copyWithin(at, from, from + length)
    else for (let index = 0; index < length; index += 1) bytes[at + index] = bytes[from + index] ?? 0
    this.#length = at + length
  }

  /** A view, not a copy. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(length: number): void {
    if (this.#length + length > this.#bytes.length) throw new FullError()
  }
}
