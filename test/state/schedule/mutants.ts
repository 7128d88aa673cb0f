// Each rule of docs/state-protocol.md (Test of the test) taken out alone, with the settings and the first seed where its absence shows. Three
// more than in its table: an unclear write taken for a confirmed one, the closed bound moved before the emission, and a
// version number in place of a random revision (H12).

import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import { groupImage } from '../../../lib/state/items/group-image.ts'
import { type applyBatch, outcomeOf } from '../../../lib/state/protocol/apply-batch.ts'
import { findDue, moveClosed, scanGroups, sealDue } from '../../../lib/state/protocol/close.ts'
import { commitBatch } from '../../../lib/state/protocol/commit.ts'
import { foldGroups } from '../../../lib/state/protocol/fold.ts'
import { openProgress } from '../../../lib/state/protocol/open.ts'
import { outputOf } from '../../../lib/state/protocol/output.ts'
import { ended, protocolRules, type Rules } from '../../../lib/state/protocol/rules.ts'
import type { Item, StateStore } from '../../../lib/state/store.ts'
import type { Mutant } from './mutant.ts'
import type { Random } from './random.ts'

/** Where the absence of a rule shows, as which violation, and the seed from which on it is looked for. */
export interface Showing {
  readonly mode: OutputMode
  readonly policy: 'min' | 'max'
  readonly invariant: string
  readonly fromSeed: number
}

export interface KnownMutant {
  readonly rule: string
  readonly mutant: Mutant
  readonly shows: readonly Showing[]
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

/** Conditions on the number of the version: an item that was deleted and made again looks like the old one. */
function versionsForRevs(store: StateStore): StateStore {
  const versionOf = new Map<string, string>()
  return {
    ...store,
    put: (item, expectedRev) => {
      if (isProgress(item)) return store.put(item, expectedRev)
      const { version } = groupImage(item)
      versionOf.set(item.rev, `v${version}`)
      const expected = expectedRev === null ? null : (versionOf.get(expectedRev) ?? expectedRev)
      return store.put({ ...item, rev: `v${version}` }, expected)
    },
  }
}

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

// -- the order of the steps: append, as apply-batch.ts has it, but for one line

const emitsThenSeals: typeof applyBatch = async (session, query, batch, nowMs) => {
  const invocation = { session, query, batch, nowMs }
  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  const committed = await commitBatch(invocation, opened, folded.late)
  const due = await findDue(invocation, committed, folded.touched)
  // Under the version the seal will give, so that only content can tell.
  const asSealed = [...due.values()].map((image) => (image.sealed ? image : { ...image, version: image.version + 1 }))
  return {
    late: folded.late,
    output: outputOf(invocation, committed, asSealed),
    async acknowledge() {
      await sealDue(invocation, committed, due)
      if (due.size > 0) await moveClosed(invocation, committed)
      return outcomeOf(invocation, opened, committed, folded, { groupsClosed: due.size, groupsTotal: null })
    },
  }
}

const movesBoundThenEmits: typeof applyBatch = async (session, query, batch, nowMs) => {
  const invocation = { session, query, batch, nowMs }
  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  const committed = await commitBatch(invocation, opened, folded.late)
  const due = await findDue(invocation, committed, folded.touched)
  const sealed = await sealDue(invocation, committed, due)
  if (due.size > 0) await moveClosed(invocation, committed)
  // A crash here, and only the groups of the batch itself are emitted by its redelivery.
  return {
    late: folded.late,
    output: outputOf(invocation, committed, sealed),
    acknowledge: async () =>
      outcomeOf(invocation, opened, committed, folded, { groupsClosed: sealed.length, groupsTotal: null }),
  }
}

const closesThenCommits: typeof applyBatch = async (session, query, batch, nowMs) => {
  const invocation = { session, query, batch, nowMs }
  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  // The watermark the commit will write, before anybody else can know it.
  const planned = session.rules.advance(opened, query, batch, folded.late, nowMs)
  const due = await findDue(invocation, planned, folded.touched)
  const sealed = await sealDue(invocation, planned, due)
  const committed = await commitBatch(invocation, opened, folded.late)
  return {
    late: folded.late,
    output: outputOf(invocation, committed, sealed),
    async acknowledge() {
      if (due.size > 0) await moveClosed(invocation, planned)
      return outcomeOf(invocation, opened, committed, folded, { groupsClosed: sealed.length, groupsTotal: null })
    },
  }
}

const emitsTableThenCommits: typeof applyBatch = async (session, query, batch, nowMs) => {
  const invocation = { session, query, batch, nowMs }
  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  const groups = await scanGroups(invocation, opened.gen)
  return {
    late: [],
    output: outputOf(invocation, { ...opened, n: opened.n + 1 }, groups),
    async acknowledge() {
      const committed = await commitBatch(invocation, opened, folded.late)
      return outcomeOf(invocation, opened, committed, folded, { groupsClosed: 0, groupsTotal: groups.length })
    },
  }
}

const isProgress = ({ sk }: Item): boolean => sk === 'progress'
const isGroup = (item: Item): boolean => !isProgress(item)

const at = (mode: OutputMode, policy: 'min' | 'max', invariant: string, fromSeed: number): Showing => ({
  mode,
  policy,
  invariant,
  fromSeed,
})

export const knownMutants: readonly KnownMutant[] = [
  {
    rule: 'group condition',
    mutant: { store: blindly(isGroup) },
    shows: [at('append', 'max', 'I1', 1), at('update', 'min', 'I1', 1), at('complete', 'max', 'I1', 1)],
  },
  {
    rule: 'applied',
    mutant: { rules: { decide: withoutApplied } },
    shows: [at('append', 'min', 'I1', 2), at('update', 'min', 'I1', 2), at('complete', 'min', 'I1', 0)],
  },
  {
    rule: 'folds ignore sealed',
    mutant: { rules: { decide: foldsIgnoreSealed } },
    shows: [at('append', 'min', 'I2', 1), at('append', 'max', 'I2', 1), at('update', 'max', 'I3', 23)],
  },
  {
    rule: 'seal before emit',
    mutant: { run: emitsThenSeals },
    shows: [at('append', 'min', 'I2', 1), at('append', 'max', 'I2', 1)],
  },
  {
    rule: 'late decision written',
    mutant: { rules: { decide: lateIsNotWritten } },
    shows: [
      at('append', 'min', 'I5', 1),
      at('append', 'min', 'I3', 37),
      at('append', 'max', 'I3', 61),
      at('update', 'max', 'I3', 122),
    ],
  },
  {
    rule: 'applied tested before late',
    mutant: { rules: { decide: lateBeforeApplied } },
    shows: [at('append', 'max', 'I3', 0), at('update', 'min', 'I3', 0)],
  },
  {
    rule: 'progress condition',
    mutant: { store: blindly(isProgress) },
    shows: [at('append', 'min', 'I6', 0), at('append', 'max', 'I6', 0), at('update', 'min', 'I6', 0)],
  },
  {
    rule: 'progress merge',
    mutant: { rules: { advance: replacesProgress } },
    shows: [at('append', 'min', 'I6', 0), at('append', 'max', 'I6', 0), at('complete', 'max', 'I6', 0)],
  },
  {
    rule: 'touched duty beside C',
    mutant: { rules: { isDue: () => false } },
    shows: [at('append', 'max', 'I2', 9), at('append', 'min', 'I2', 7)],
  },
  {
    rule: 'consistent scan',
    mutant: { store: staleRanges },
    shows: [at('append', 'min', 'I2', 53), at('append', 'max', 'I2', 53), at('complete', 'max', 'I7', 0)],
  },
  {
    rule: 'commit before close',
    mutant: { run: closesThenCommits },
    shows: [at('append', 'min', 'I2', 7), at('append', 'max', 'I2', 2)],
  },
  {
    rule: 'late count by next[p]',
    mutant: { rules: { advance: countsEveryAttempt } },
    shows: [at('append', 'min', 'I3', 10), at('update', 'max', 'I3', 8)],
  },
  {
    rule: 'sink refuses old version',
    mutant: { sinks: { refusesOldVersion: false } },
    shows: [at('update', 'min', 'I4', 1), at('update', 'max', 'I4', 1)],
  },
  {
    rule: 'complete: n after commit',
    mutant: { run: emitsTableThenCommits },
    shows: [at('complete', 'min', 'I7', 55), at('complete', 'max', 'I7', 55)],
  },
  {
    rule: 'complete: sink refuses lower n',
    mutant: { sinks: { refusesOldTable: false } },
    shows: [at('complete', 'min', 'I7', 0), at('complete', 'max', 'I7', 0)],
  },
  {
    rule: 'order inside a partition',
    mutant: { laterHalfFirst: true },
    shows: [at('append', 'min', 'I5', 1), at('append', 'max', 'I1', 66), at('update', 'min', 'I5', 1)],
  },
  {
    rule: 'unclear is read again',
    mutant: { seen: unclearIsWritten },
    shows: [at('append', 'min', 'I1', 63), at('update', 'max', 'I1', 63), at('complete', 'min', 'I5', 16)],
  },
  {
    rule: 'C only after the emission',
    mutant: { run: movesBoundThenEmits },
    shows: [at('append', 'min', 'I2', 39), at('append', 'max', 'I2', 39)],
  },
  {
    rule: 'random rev, not a version number',
    mutant: { store: versionsForRevs },
    shows: [at('append', 'max', 'I1', 265), at('update', 'max', 'I1', 626)],
  },
]
