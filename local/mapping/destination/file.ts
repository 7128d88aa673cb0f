// Discarded batches in a file, a line of JSON each, in the form that S3 would get: with the event, so that nothing is lost.
// The file holds payloads: its mode is 0600, and it is appended to, never rewritten.

import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Destination } from './destination.ts'
import { failureObject } from './failure-record.ts'

/** @example await fileDestination('.local/on-failure.ndjson').send(discarded) */
export function fileDestination(path: string): Destination {
  return {
    name: `the file ${path}`,
    send: async (discarded) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const file = await open(path, 'a', 0o600)
      try {
        await file.chmod(0o600)
        await file.appendFile(`${JSON.stringify(failureObject(discarded))}\n`)
      } finally {
        await file.close()
      }
    },
    close: async () => undefined,
  }
}
