// Each rule of STATE.md's section 5 taken out alone, with the settings and the first seed where its absence shows. Two
// rules more than in the table: an unclear write taken for a confirmed one, and the closed bound moved before the emission.
import { findDue, moveClosed, scanGroups, sealDue } from '../../../lib/state/close.ts'
import { commitBatch } from '../../../lib/state/commit.ts'
import { emitLate, emitRows } from '../../../lib/state/emit.ts'
import { foldGroups } from '../../../lib/state/fold.ts'
import { openProgress } from '../../../lib/state/open.ts'
import { ended, protocolRules, type Rules } from '../../../lib/state/rules.ts'
import { outcomeOf, type runBatch } from '../../../lib/state/run-batch.ts'
import type { OutputMode } from '../../../lib/state/stateful-query.ts'
import type { Item, StateStore } from '../../../lib/state/store.ts'
import type { Mutant } from './mutant.ts'
import type { Random } from './random.ts'

export interface KnownMutant {
  readonly rule: string
  readonly mutant: Mutant
  /** Where it shows, and the seed from which it shows soonest. */
  readonly mode: OutputMode
  readonly policy: 'min' | 'max'
  readonly fromSeed: number
}

const { decide, advance } = protocolRules

// -- the store's conditions

/** Writes over whatever is there, for the items it is told. */
const blindly =
  (isMeant: (item: Item) => boolean) =>
  (store: StateStore): StateStore => ({
    ...store,
    put: async (item, expectedRev) =>
      store.put(item, isMeant(item) ? ((await store.get(item))?.rev ?? null) : expectedRev),
  })

const unclearIsWritten = (store: StateStore): StateStore => ({
  ...store,
  put: (item, expectedRev) => store.put(item, expectedRev).catch(() => 'ok'),
})

/** Ranges see the items as they were some writes ago: an eventually consistent read, or an index. */
function staleRanges(store: StateStore, random: Random): StateStore {
  const written: Item[] = []
  return {
    ...store,
    put: async (item, expectedRev) => {
      const outcome = await store.put(item, expectedRev)
      if (outcome === 'ok') written.push(item)
      return outcome
    },
    async *range(pk, fromSk, toSk) {
      const seen = new Map<string, Item>()
      for (const item of written.slice(0, Math.max(0, written.length - random.between(0, 6)))) {
        if (item.pk === pk && item.sk >= fromSk && item.sk < toSk) seen.set(item.sk, item)
      }
      yield [...seen.values()]
    },
  }
}

// -- the decisions

const withoutApplied: Rules['decide'] = (image, group, watermarkMs) =>
  decide(image === undefined ? image : { ...image, applied: new Map() }, group, watermarkMs)

const foldsIgnoreSealed: Rules['decide'] = (image, group, watermarkMs) =>
  decide(image === undefined ? image : { ...image, sealed: false }, group, watermarkMs)

const lateIsNotWritten: Rules['decide'] = (image, group, watermarkMs) => {
  const decision = decide(image, group, watermarkMs)
  return decision.kind === 'seal' ? { kind: 'late', inputs: decision.inputs } : decision
}

const lateBeforeApplied: Rules['decide'] = (image, group, watermarkMs) => {
  if (!ended(group.windowEndMs, watermarkMs)) return decide(image, group, watermarkMs)
  return { kind: image?.sealed ? 'late' : 'seal', inputs: group.inputs }
}

const replacesProgress: Rules['advance'] = (progress, query, batch, late, nowMs) =>
  advance({ ...progress, next: new Map(), maxEventTimeMs: new Map() }, query, batch, late, nowMs)

const countsEveryAttempt: Rules['advance'] = (progress, query, batch, late, nowMs) => {
  const { lateRows } = advance({ ...progress, next: new Map() }, query, batch, late, nowMs)
  return { ...advance(progress, query, batch, late, nowMs), lateRows }
}

// -- the order of the steps: append, as run-batch.ts has it, but for one line

const emitsThenSeals: typeof runBatch = async (session, query, batch, emission, nowMs) => {
  const invocation = { session, query, batch, nowMs }
  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  const committed = await commitBatch(invocation, opened, folded.late)
  await emitLate(invocation, folded.late, emission)
  const due = await findDue(invocation, committed, folded.touched)
  await emitRows(invocation, committed, [...due.values()], emission)
  await sealDue(invocation, committed, due)
  if (due.size > 0) await moveClosed(invocation, committed)
  return outcomeOf(invocation, opened, committed, folded, { groupsClosed: due.size, groupsTotal: null })
}

const movesBoundThenEmits: typeof runBatch = async (session, query, batch, emission, nowMs) => {
  const invocation = { session, query, batch, nowMs }
  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  const committed = await commitBatch(invocation, opened, folded.late)
  await emitLate(invocation, folded.late, emission)
  const due = await findDue(invocation, committed, folded.touched)
  const sealed = await sealDue(invocation, committed, due)
  if (due.size > 0) await moveClosed(invocation, committed)
  // Without this the touched duty hides the mistake: the redelivered batch emits its own groups again.
  await emitRows(invocation, committed, sealed, emission)
  return outcomeOf(invocation, opened, committed, folded, { groupsClosed: sealed.length, groupsTotal: null })
}

const closesThenCommits: typeof runBatch = async (session, query, batch, emission, nowMs) => {
  const invocation = { session, query, batch, nowMs }
  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  // The watermark the commit will write, before anybody else can know it.
  const planned = session.rules.advance(opened, query, batch, folded.late, nowMs)
  const due = await findDue(invocation, planned, folded.touched)
  const sealed = await sealDue(invocation, planned, due)
  const committed = await commitBatch(invocation, opened, folded.late)
  await emitLate(invocation, folded.late, emission)
  await emitRows(invocation, committed, sealed, emission)
  if (due.size > 0) await moveClosed(invocation, committed)
  return outcomeOf(invocation, opened, committed, folded, { groupsClosed: sealed.length, groupsTotal: null })
}

const emitsTableThenCommits: typeof runBatch = async (session, query, batch, emission, nowMs) => {
  const invocation = { session, query, batch, nowMs }
  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  const groups = await scanGroups(invocation, opened.gen)
  await emitRows(invocation, { ...opened, n: opened.n + 1 }, groups, emission)
  const committed = await commitBatch(invocation, opened, folded.late)
  return outcomeOf(invocation, opened, committed, folded, { groupsClosed: 0, groupsTotal: groups.length })
}

const isProgress = ({ sk }: Item): boolean => sk === 'progress'
const isGroup = (item: Item): boolean => !isProgress(item)

export const knownMutants: readonly KnownMutant[] = [
  ...everywhere('group condition', { store: blindly(isGroup) }),
  ...everywhere('applied', { rules: { decide: withoutApplied } }),
  ...everywhere('folds ignore sealed', { rules: { decide: foldsIgnoreSealed } }),
  ...everywhere('seal before emit', { run: emitsThenSeals }),
  ...everywhere('late decision written', { rules: { decide: lateIsNotWritten } }),
  ...everywhere('applied tested before late', { rules: { decide: lateBeforeApplied } }),
  ...everywhere('progress condition', { store: blindly(isProgress) }),
  ...everywhere('progress merge', { rules: { advance: replacesProgress } }),
  ...everywhere('touched duty beside C', { rules: { isDue: () => false } }),
  ...everywhere('consistent scan', { store: staleRanges }),
  ...everywhere('commit before close', { run: closesThenCommits }),
  ...everywhere('late count by next[p]', { rules: { advance: countsEveryAttempt } }),
  ...everywhere('sink refuses old version', { sinks: { refusesOldVersion: false } }),
  ...everywhere('complete: n after commit', { run: emitsTableThenCommits }),
  ...everywhere('complete: sink refuses lower n', { sinks: { refusesOldTable: false } }),
  ...everywhere('order inside a partition', { laterHalfFirst: true }),
  ...everywhere('unclear is read again', { seen: unclearIsWritten }),
  ...everywhere('C only after the emission', { run: movesBoundThenEmits }),
]

function everywhere(rule: string, mutant: Mutant): readonly KnownMutant[] {
  const modes: readonly OutputMode[] = ['append', 'update', 'complete']
  return modes.flatMap((mode) =>
    (['min', 'max'] as const).map((policy) => ({ rule, mutant, mode, policy, fromSeed: 0 })),
  )
}
