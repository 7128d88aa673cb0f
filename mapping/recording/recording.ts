// Delivered events, one line of JSON each, to be replayed or turned into tests. A line is written when its invocation
// succeeded, once per batch.

import { createReadStream } from 'node:fs'
import { z } from 'zod'
import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import { LocalError } from '../error.ts'
import { issuesText } from '../settings/issues-text.ts'
import { openLineFile } from './line-file.ts'

export interface RecordedEvent {
  /** When its invocation had succeeded, ISO 8601. */
  readonly at: string
  /** The function's key in serverless.yml. */
  readonly function: string
  /** The event that was sent; checked only to be an object, since a recording may be older than the reader. */
  readonly event: Readonly<Record<string, unknown>>
}

export interface Recording {
  /** @throws the system's error where it cannot be written */
  append(delivered: { readonly at: string; readonly function: string; readonly event: KafkaEvent }): void
  close(): Promise<void>
}

const line = z.strictObject({ at: z.iso.datetime(), function: z.string(), event: z.record(z.string(), z.unknown()) })

/**
 * Opens a recording to append to; made with mode 0600, and set to it where it was there already.
 *
 * @throws LocalError RECORDING_FAILED naming the file
 * @example const recording = await openRecording('delivered.ndjson')
 */
export async function openRecording(path: string): Promise<Recording> {
  try {
    const file = openLineFile(path)
    return {
      append: (delivered) => file.append(JSON.stringify(delivered)),
      close: async () => file.close(),
    }
  } catch (error) {
    throw new LocalError('RECORDING_FAILED', `cannot write the recording ${path}: ${String(error)}`, { cause: error })
  }
}

/**
 * The events of a recording in the order they were delivered; empty lines are skipped.
 *
 * @throws LocalError RECORDING_FAILED where the file cannot be read, RECORDING_INVALID naming `file:line`
 * @example for await (const { event } of readRecording('delivered.ndjson')) await handler(event)
 */
export async function* readRecording(path: string): AsyncGenerator<RecordedEvent> {
  let number = 0
  for await (const text of lines(path)) {
    number += 1
    if (text.trim() !== '') yield parseLine(text, `${path}:${number}`)
  }
}

/** Not node:readline: it does not report an error of its input, and the recording would seem to end there. */
async function* lines(path: string): AsyncGenerator<string> {
  let rest = ''
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const parts = `${rest}${chunk}`.split('\n')
      rest = parts.pop() ?? ''
      yield* parts
    }
  } catch (error) {
    throw new LocalError('RECORDING_FAILED', `cannot read the recording ${path}: ${String(error)}`, { cause: error })
  }
  yield rest
}

function parseLine(text: string, where: string): RecordedEvent {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new LocalError('RECORDING_INVALID', `${where}: not JSON (${String(error)}). Was the recording cut off?`, {
      cause: error,
    })
  }
  const parsed = line.safeParse(json)
  if (!parsed.success)
    throw new LocalError('RECORDING_INVALID', `${where}: not a delivered event: ${issuesText(parsed.error)}`)
  return parsed.data
}
