// `microbatch state copy`, `rename` and `reset`: state under another name, and no state any more.
import { randomUUID } from 'node:crypto'
import { movedState, removeState, removeUnfinished, standingState, unfinishedSince } from 'microbatch/state'
import { parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { count } from '../../../replay/progress-line.ts'
import { refuseAtWork } from '../../../state/consumer-guard.ts'
import type { StatePlace } from '../../../state/place.ts'
import { say } from '../../say.ts'
import { contentOf, offsetsOf } from './content.ts'
import { applyOptions, placeOptions } from './options.ts'
import { changedMeanwhile, type PutValues, putInto } from './put.ts'
import { keptOf, type StateAtHand, withState } from './shared.ts'

const copyOptions = {
  replace: { type: 'boolean', default: false, help: 'in place of what is kept under the name TO' },
  ...applyOptions,
  ...placeOptions,
} as const

export async function copyState(words: readonly string[]): Promise<number> {
  const { values, words: given } = parseWords('state copy', ['FROM', 'TO'], copyOptions, words)
  const [from = '', to = ''] = given
  refuseSame(from, to)
  return withState(values, async (at) => {
    await copied(at, from, to, values)
    return 0
  })
}

export async function renameState(words: readonly string[]): Promise<number> {
  const { values, words: given } = parseWords('state rename', ['FROM', 'TO'], copyOptions, words)
  const [from = '', to = ''] = given
  refuseSame(from, to)
  return withState(values, async (at) => {
    const { store } = at.place
    refuseAtWork(from, await standingState(store, from), Date.now(), values.stopped)
    const rev = await copied(at, from, to, values)
    if (rev === undefined) return 0
    const removed = await removeState(store, from, rev, randomUUID)
    if (removed.kind === 'removed') {
      say(`The state of ${printable(from, 100)} is gone from its old name.`)
      return 0
    }
    // The copy is behind a batch that was committed under the old name.
    await removeState(store, to, (await standingState(store, to))?.rev ?? null, randomUUID)
    throw changedMeanwhile(from)
  })
}

/** @returns the revision that was copied, or undefined where it was only said */
async function copied(at: StateAtHand, from: string, to: string, values: PutValues): Promise<string | undefined> {
  const kept = await keptOf(at.place, from)
  const state = movedState(kept, Date.now())
  say(`${contentOf(state)}; its stream goes on at ${offsetsOf(state)}.`)
  return (await putInto(at, to, state, values)) ? kept.progress.rev : undefined
}

function refuseSame(from: string, to: string): void {
  if (from === to) throw new LocalError('COMMAND_INVALID', 'FROM and TO are the same name.')
}

const resetOptions = { ...applyOptions, ...placeOptions } as const

export async function resetKeptState(words: readonly string[]): Promise<number> {
  const { values, words: given } = parseWords('state reset', ['NAME'], resetOptions, words)
  const [name = ''] = given
  return withState(values, async ({ place }) => {
    const { store } = place
    const standing = await standingState(store, name)
    const isUnfinished = (await unfinishedSince(store, name)) !== undefined
    // Says what there is.
    if (standing === undefined && !isUnfinished) await keptOf(place, name)
    refuseAtWork(name, standing, Date.now(), values.stopped)
    const shown = printable(name, 100)
    if (!values.apply) {
      say(`Nothing was removed. It would be all that ${place.name} keeps of ${shown}. To do it: --apply`)
      return 0
    }
    const items = await emptied(place, name, standing?.rev ?? null)
    say(
      `Removed the state of ${shown}: ${count(items, 'item', 'items')}. Its next batch begins with empty state, at the offsets that`,
    )
    say(
      'its consumer group has committed; to read the topic from its beginning give the mapping another consumer group.',
    )
    return 0
  })
}

async function emptied({ store }: StatePlace, name: string, rev: string | null): Promise<number> {
  const removed = await removeState(store, name, rev, randomUUID)
  if (removed.kind === 'changed') throw changedMeanwhile(name)
  await removeUnfinished(store, name)
  return removed.items
}
