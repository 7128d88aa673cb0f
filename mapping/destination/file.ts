// Discarded batches in a file, a line of JSON each, in the form that S3 would get: with the event, so that nothing is lost.

import { openLineFile } from '../recording/line-file.ts'
import type { Destination } from './destination.ts'
import { failureObject } from './failure-record.ts'

/** @example await fileDestination('.local/on-failure.ndjson').send(discarded) */
export function fileDestination(path: string): Destination {
  return {
    name: `the file ${path}`,
    send: async (discarded) => {
      const file = openLineFile(path)
      try {
        file.append(JSON.stringify(failureObject(discarded)))
      } finally {
        file.close()
      }
    },
    close: async () => undefined,
  }
}
