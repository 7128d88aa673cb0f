// Whether a consumer seems to be at work on kept state. It cannot be known from the state alone; a batch that was committed a moment
// ago is what it can be told by.
import type { StandingState } from 'microbatch/state'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'

/** The longest batch window, and the time of a batch: whoever commits none for so long has little to do, or does not run. */
const quietMs = 60_000

/**
 * @param nowMs epoch milliseconds
 * @throws LocalError STATE_UNUSABLE where a batch has come lately
 * @example refuseAtWork('bars', await standingState(store, 'bars'), Date.now(), false)
 */
export function refuseAtWork(
  name: string,
  standing: StandingState | undefined,
  nowMs: number,
  isStopped: boolean,
): void {
  const agoMs = nowMs - (standing?.lastBatchAtMs ?? Number.NEGATIVE_INFINITY)
  if (isStopped || agoMs > quietMs) return
  const seconds = Math.max(0, Math.round(agoMs / 1000))
  throw new LocalError(
    'STATE_UNUSABLE',
    `A batch of ${printable(name, 100)} was committed ${seconds} s ago, so that its consumer seems to be at work, on state that would be
taken away under it. End it first:
  - here: Ctrl-C at microbatch start
  - on AWS: aws lambda update-event-source-mapping --uuid UUID --no-enabled, until its state is Disabled
  - it has ended already: --stopped`,
  )
}
