// The recording as a subscriber: each batch that a function handled becomes a line, before its offsets are committed.

import type { MappingEvent } from '../events/mapping-event.ts'
import type { Log } from '../log.ts'
import type { Recording } from './recording.ts'

/**
 * A line that cannot be written is said, and stops nothing.
 *
 * @param name of the recording, for messages
 * @example onMappingEvent(recordDelivered(recording, 'the recording delivered.ndjson', log), mapping)
 */
export function recordDelivered(
  recording: Recording,
  name: string,
  log: Pick<Log, 'error'>,
): (event: MappingEvent) => void {
  return (event) => {
    if (event.kind !== 'handled') return
    const { functionKey } = event.mapping
    try {
      recording.append({ at: new Date().toISOString(), function: functionKey, event: event.payload.event })
    } catch (error) {
      log.error(`${name} lacks a batch of ${functionKey}: ${String(error)}`)
    }
  }
}
