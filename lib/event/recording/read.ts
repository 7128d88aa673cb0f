// A recording read line by line, in bounded memory. A last line that was cut off, as by the end of who wrote it, is a warning;
// anything else that is no line of a recording is refused with its number.

import { createReadStream, type ReadStream } from 'node:fs'
import { boundedLines, LongLineError } from './bounded-lines.ts'
import { parseRecordedLine, type RecordedHeader, type RecordedInvocation } from './recorded.ts'
import { CutError, packingOf, unpacked } from './unpacked.ts'

/** An invocation with where it stands. */
export type ReadInvocation = RecordedInvocation & { readonly line: number }

export interface ReadRecordingOptions {
  /** Each header, before the invocations that follow it. */
  readonly onHeader?: (header: RecordedHeader) => void
  /** One sentence with file and line. */
  readonly onWarning?: (warning: string) => void
  /** How many bytes of the file were read so far, as they lie there. */
  readonly onBytes?: (bytes: number) => void
  /** Bytes of a line. An event has 6 MB at most; the rows that were emitted stand in the line with it. @default 64 MB */
  readonly maxLineBytes?: number
}

/** Why a recording cannot be read: the file itself (`failed`), or what stands in it (`invalid`). */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly kind: 'failed' | 'invalid'

  constructor(kind: 'failed' | 'invalid', message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.kind = kind
  }
}

const megabyte = 1024 * 1024

/**
 * The invocations of a recording in their order; empty lines are passed over. A name that ends in .gz or .zst is unpacked.
 *
 * @throws RecordingError naming `file:line`
 * @example for await (const { event } of readRecorded('delivered.ndjson.zst')) await handler(event)
 */
export async function* readRecorded(
  path: string,
  {
    onHeader = () => undefined,
    onWarning = () => undefined,
    onBytes = () => undefined,
    maxLineBytes = 64 * megabyte,
  }: ReadRecordingOptions = {},
): AsyncGenerator<ReadInvocation> {
  let number = 0
  const invalid = (line: number, problem: string, cause?: unknown) =>
    new RecordingError('invalid', `${path}:${line}: ${problem}`, { cause })
  const cut = (line: number) =>
    onWarning(`${path}:${line}: the recording ends inside of this line, which is left out. Was it cut off?`)
  try {
    for await (const { number: line, bytes, isComplete } of boundedLines(source(path, onBytes), maxLineBytes)) {
      number = line
      if (bytes.includes(0))
        throw invalid(line, 'binary data, not a recording. Is it compressed? Then name it .gz or .zst')
      const text = bytes.toString('utf8')
      if (text.trim() === '') continue
      const parsed = parseRecordedLine(text)
      if (parsed.kind === 'header') onHeader(parsed.header)
      else if (parsed.kind === 'invocation') yield { ...parsed.invocation, line }
      else if (isComplete || parsed.isJson || line === 1) throw invalid(line, `${parsed.problem}.`)
      else return cut(line)
    }
  } catch (error) {
    if (error instanceof CutError) return cut(number + 1)
    if (error instanceof LongLineError) {
      const most = Math.round(maxLineBytes / megabyte)
      throw invalid(
        error.number,
        `a line of more than ${most} MB. Is it a recording, with a line break after each event?`,
      )
    }
    if (isZlib(error))
      throw invalid(number + 1, `from here on it cannot be unpacked: ${error.message}. Is the file damaged?`, error)
    if (error instanceof Error && 'syscall' in error) {
      throw new RecordingError('failed', `cannot read the recording ${path}: ${error.message}`, { cause: error })
    }
    throw error
  }
}

const source = (path: string, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> =>
  unpacked(counted(createReadStream(path), onBytes), packingOf(path))

async function* counted(stream: ReadStream, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    onBytes(stream.bytesRead)
    yield chunk
  }
}

/** zlib's own errors have a number of its, and a code. */
const isZlib = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^(Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB)/.test(String(error.code))
