// Invocations with their events, one line of JSON each, to be replayed, compared or turned into tests. What a line is stands in
// lib/event/recording, which reads them; here they are written, each in one go, so that a crash costs the last line at most.

// The whole of it, since older versions of Node have a zlib without zstd: a mapping says so in words when it starts.
import * as zlib from 'node:zlib'
import {
  type ReadInvocation,
  type ReadRecordingOptions,
  RecordingError,
  readRecorded,
} from '../../lib/event/recording/read.ts'
import { type RecordedHeader, type RecordedInvocation, recordingVersion } from '../../lib/event/recording/recorded.ts'
import { packingOf } from '../../lib/event/recording/unpacked.ts'
import { LocalError } from '../error.ts'
import { openLineFile } from './line-file.ts'

export { handledEvent } from '../../lib/event/recording/handled.ts'
export type { ReadInvocation } from '../../lib/event/recording/read.ts'
export type {
  RecordedHeader,
  RecordedInvocation,
  RecordedMapping,
  RecordedQuery,
} from '../../lib/event/recording/recorded.ts'

/** An invocation as it is written: its event is any object. */
export type NewInvocation = Omit<RecordedInvocation, 'event'> & { readonly event: object }

export type NewHeader = Omit<RecordedHeader, 'recording' | 'startedAt'>

export interface Recording {
  /** @throws the system's error where it cannot be written */
  append(invocation: NewInvocation): void
  /** Begins another stretch, of which something else is known. */
  begin(header: NewHeader): void
  close(): Promise<void>
}

/**
 * Opens a recording to append to, and begins a stretch of it; made with mode 0600, and set to it where it was there already. A name
 * that ends in .gz or .zst is compressed.
 *
 * @param flushBytes lines are written when so much has come together; 0 writes each at once, for who may be killed
 * @throws LocalError RECORDING_FAILED naming the file
 * @example const recording = await openRecording('delivered.ndjson.zst', { source: 'mapping', code: null, mappings: [] })
 */
export async function openRecording(path: string, header: NewHeader, flushBytes = 0): Promise<Recording> {
  try {
    const file = openLineFile(path, packerOf(path))
    let waiting: string[] = []
    let length = 0
    const flush = () => {
      if (waiting.length > 0) file.append(waiting.join('\n'))
      waiting = []
      length = 0
    }
    const write = (line: RecordedHeader | NewInvocation) => {
      const text = JSON.stringify(line)
      waiting.push(text)
      length += text.length
      if (length >= flushBytes) flush()
    }
    const begin = (stretch: NewHeader) =>
      write({ recording: recordingVersion, startedAt: new Date().toISOString(), ...stretch })
    begin(header)
    return {
      append: write,
      begin,
      close: async () => {
        flush()
        file.close()
      },
    }
  } catch (error) {
    throw new LocalError('RECORDING_FAILED', `cannot write the recording ${path}: ${String(error)}`, { cause: error })
  }
}

/**
 * The invocations of a recording in their order; empty lines are passed over.
 *
 * @throws LocalError RECORDING_FAILED where the file cannot be read, RECORDING_INVALID naming `file:line`
 * @example for await (const { event } of readRecording('delivered.ndjson')) await handler(event)
 */
export async function* readRecording(path: string, options: ReadRecordingOptions = {}): AsyncGenerator<ReadInvocation> {
  try {
    yield* readRecorded(path, options)
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error
    const code = error.kind === 'failed' ? 'RECORDING_FAILED' : 'RECORDING_INVALID'
    throw new LocalError(code, error.message, { cause: error })
  }
}

/** Each writing is compressed by itself: it can be read whatever becomes of the next. */
function packerOf(path: string): ((bytes: Buffer) => Buffer) | undefined {
  switch (packingOf(path)) {
    case 'none':
      return undefined
    case 'gzip':
      return (bytes) => zlib.gzipSync(bytes)
    case 'zstd':
      // Without its checksum zstd takes damaged bytes for others.
      return (bytes) => zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } })
  }
}
