// The state of a function that `sls invoke local` runs: empty, in memory, and it says so when it is first asked. The event comes from
// a file, with offsets that the topic gives to other records: written into the state of a stream, it would stand in their place.

import type { StateStore } from '../state/store.ts'
import { memoryState } from '../state/stores/memory.ts'

/**
 * @param say takes the one line. @default standard error, since the answer goes to standard output
 * @example stateByHand().isShared // false
 */
export function stateByHand(say: (line: string) => void = console.error): StateStore {
  const store = memoryState()
  let isSaid = false
  return {
    ...store,
    get(key) {
      if (!isSaid) say("Invoked by hand: over empty state in memory, not the stream's (STATE=dynamodb takes that).")
      isSaid = true
      return store.get(key)
    },
  }
}
