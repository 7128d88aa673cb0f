// How state is put under a name: what would refuse it is said before anything is written, and it is written only where that was asked
// for.
import { randomUUID } from 'node:crypto'
import { type MovedState, sizeOf, standingState, writeState } from 'microbatch/state'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { count } from '../../../replay/progress-line.ts'
import { refuseAtWork } from '../../../state/consumer-guard.ts'
import { checkQuery } from '../../../state/query-check.ts'
import { say } from '../../say.ts'
import type { ApplyValues, StateAtHand } from './shared.ts'

export interface PutValues extends ApplyValues {
  readonly replace: boolean
}

/**
 * @returns whether it was written, rather than said
 * @throws LocalError COMMAND_INVALID for a name that is taken; STATE_UNUSABLE where its query would refuse the state, where a consumer
 *   is at work on it, or has written it meanwhile
 */
export async function putInto(
  { service, definition, place }: StateAtHand,
  name: string,
  state: MovedState,
  { replace, apply, stopped }: PutValues,
): Promise<boolean> {
  const { store } = place
  const standing = await standingState(store, name)
  const shown = printable(name, 100)
  if (standing !== undefined && !replace) {
    throw new LocalError('COMMAND_INVALID', `${place.name} has state of ${shown} already. In its place: --replace`)
  }
  refuseAtWork(name, standing, Date.now(), stopped)
  const check = await checkQuery(service, await definition(), name, state)
  const unread = check.kind === 'unknown' && check.unread.length > 0 ? `; ${check.unread.join(', ')} did not load` : ''
  say(
    check.kind === 'fits'
      ? `The query of ${check.functionKey} reads it.`
      : `No function exports a query named ${shown}, so nothing is compared${unread}: its first batch refuses what is not its own.`,
  )
  const { items, bytes } = sizeOf(state)
  const what = `${count(items, 'item', 'items')} of ${bytes.toLocaleString('en-US')} bytes as the state of ${shown} in ${place.name}`
  const instead = standing === undefined ? '' : ', in place of what is there'
  if (!apply) {
    say(`Nothing was written. It would be ${what}${instead}. To do it: --apply`)
    return false
  }
  const options = { rev: standing?.rev ?? null, nowMs: Date.now(), newToken: randomUUID }
  const written = await writeState(store, name, state, options)
  if (written.kind === 'changed') throw changedMeanwhile(name)
  say(`Written: ${what}${instead}.`)
  return true
}

export const changedMeanwhile = (name: string): LocalError =>
  new LocalError(
    'STATE_UNUSABLE',
    `The state of ${printable(name, 100)} was written meanwhile, by a batch of its consumer or another command: nothing was changed.`,
  )
