// Dead letters as lines of NDJSON in a file: the durable form of a laptop. The file has payloads in it, so only its owner may
// read it. Not for AWS, whose file system ends with the container.

import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MicrobatchError } from '../error.ts'
import type { DeadLetterSink } from './dead-letter.ts'
import { deadLetterJson } from './dead-letter-json.ts'

/**
 * Appends each dead letter to a file of mode 0600, which is created with its folder when the first one comes.
 * @example kafkaHandler(tapeQuery, { deadLetters: fileDeadLetters('.local/dead-letters.ndjson') })
 */
export function fileDeadLetters(path: string): DeadLetterSink {
  return {
    isEphemeral: true,
    async send(letters) {
      if (letters.length === 0) return
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        // One append for the batch: lines of several workers do not run into each other (O_APPEND).
        await appendFile(path, `${letters.map(deadLetterJson).join('\n')}\n`, { mode: 0o600 })
      } catch (cause) {
        const problem = `dead letters: ${path} cannot be written. Free the path or name another in DEAD_LETTER_FILE.`
        throw new MicrobatchError('SINK_FAILED', problem, { cause })
      }
    },
  }
}
