// Bytes as lines, each within a bound: a file that is no text, or lacks its line breaks, is known for it before it has filled the
// memory.

export interface BoundedLine {
  /** It counts from 1. */
  readonly number: number
  readonly bytes: Buffer
  /** Whether a line break stands after it; only the last may lack one. */
  readonly isComplete: boolean
}

export class LongLineError extends Error {
  override readonly name = 'LongLineError'
  readonly number: number

  constructor(number: number) {
    super(`line ${number} is too long`)
    this.number = number
  }
}

const lineFeed = 0x0a

/**
 * @param maxBytes of a line
 * @throws LongLineError naming the line
 * @example for await (const { number, bytes } of boundedLines(createReadStream(path), 64 * 1024 * 1024)) …
 */
export async function* boundedLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<BoundedLine> {
  let parts: Buffer[] = []
  let length = 0
  let number = 1
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
      if (length + at - from > maxBytes) throw new LongLineError(number)
      const bytes = parts.length === 0 ? chunk.subarray(from, at) : Buffer.concat([...parts, chunk.subarray(from, at)])
      yield { number, bytes, isComplete: true }
      parts = []
      length = 0
      number += 1
      from = at + 1
    }
    if (from === chunk.length) continue
    parts.push(chunk.subarray(from))
    length += chunk.length - from
    if (length > maxBytes) throw new LongLineError(number)
  }
  if (length > 0) yield { number, bytes: Buffer.concat(parts), isComplete: false }
}
