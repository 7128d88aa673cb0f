// What a handler refuses to keep in its container: state that other containers do not see, and dead letters or rows that end with it.
// The context of an invocation says where the handler runs, so the first invocation is refused and no record is lost.

import { MicrobatchError } from '../error.ts'
import type { DeadLetterSink } from '../sink/dead-letter.ts'
import type { Sink } from '../sink/sink.ts'
import type { StateStore } from '../state/store.ts'

/** What a handler was given to keep. */
export interface Kept {
  readonly state: StateStore | undefined
  readonly deadLetters: DeadLetterSink
  readonly sinks: readonly Pick<Sink<never>, 'description' | 'isEphemeral'>[]
}

/**
 * @param context what the runtime hands to the handler beside the event
 * @throws MicrobatchError CONFIG_INVALID where a container may not keep what the handler was given
 */
export function guardContainer(name: string, { state, deadLetters, sinks }: Kept, context: unknown): void {
  const arn = functionArn(context)
  if (arn === null) return
  // Lambda and serverless-offline run several containers or workers, each with a memory of its own: sums would be wrong.
  if (state !== undefined && !state.isShared) {
    const problem = `${name}: memory state is not shared by the workers of serverless-offline or the containers of Lambda.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Use dynamoState({ table }).`)
  }
  // A container ends without notice, and its files with it.
  if (deadLetters.isEphemeral === true && arn.startsWith('arn:')) {
    const problem = `${name}: on Lambda these dead letters would be lost with the container, and bad records with them.`
    const remedy = 'Use queueDeadLetters({ queueUrl }): set DEAD_LETTER_QUEUE_URL.'
    throw new MicrobatchError('CONFIG_INVALID', `${problem} ${remedy}`)
  }
  const ephemeral = sinks.find(({ isEphemeral }) => isEphemeral === true)
  if (ephemeral !== undefined && arn.startsWith('arn:')) {
    const problem = `${name}: on Lambda the rows of the sink ${ephemeral.description} would be lost with the container.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Use one whose rows stay, such as s3Sink or dynamoSink.`)
  }
}

/**
 * An ARN on Lambda, other text under serverless-offline; null where a tool calls the handler in its own process, which is then
 * all there is, and leaves it out.
 */
function functionArn(context: unknown): string | null {
  const hasArn = typeof context === 'object' && context !== null && 'invokedFunctionArn' in context
  return hasArn && typeof context.invokedFunctionArn === 'string' ? context.invokedFunctionArn : null
}
