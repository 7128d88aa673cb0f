// Each rule of docs/state-protocol.md (Test of the test) taken out alone, with the settings and the first seed where its absence
// shows.

import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import { noBound } from '../../../lib/state/items/head.ts'
import { advance } from '../../../lib/state/protocol/progress/progress-rules.ts'
import { protocolRules, type Rules } from '../../../lib/state/protocol/rules.ts'
import type { Shard } from '../../../lib/state/shards/shard.ts'
import { WarmShards } from '../../../lib/state/shards/warm-shards.ts'
import type { Mutant } from './mutant.ts'
import {
  closesThenCommits,
  emitsBeforeBinding,
  movesBoundThenEmits,
  readsTableThenCommits,
  tableFromCopies,
} from './mutant-steps.ts'
import {
  blindly,
  headBeforeSegments,
  isHead,
  isProgress,
  removesBeforeHead,
  unclearIsWritten,
} from './mutant-stores.ts'

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

const { compactedHead, headAfter, shutOf, mustBind } = protocolRules

type HeadAfter = Rules['headAfter']

const appliedAsItComes: HeadAfter = (head, spans, ...rest) => ({
  ...headAfter(head, spans, ...rest),
  applied: new Map([...head.applied, ...spans.map(({ tp, end }) => [tp, end] as const)]),
})

const fromAsItComes: HeadAfter = (head, spans, ...rest) => ({
  ...headAfter(head, spans, ...rest),
  from: new Map([...head.from, ...spans.map(({ tp, first }) => [tp, first] as const)]),
})

const onlyTheLastCut: HeadAfter = (head, ...rest) => {
  const after = headAfter(head, ...rest)
  return { ...after, cuts: new Map(Array.from(after.cuts ?? [], ([tp, cuts]) => [tp, cuts.slice(-1)])) }
}

const boundStays: HeadAfter = (head, ...rest) => ({ ...headAfter(head, ...rest), boundMs: head.boundMs })

const dropsByWatermark: HeadAfter = (head, spans, shutMs, bounds, mode) =>
  headAfter(head, spans, shutMs, { ...bounds, closedMs: Math.max(bounds.closedMs, bounds.watermarkMs) }, mode)

const replacesProgress: Rules['advance'] = (progress, query, batch, late, nowMs) =>
  advance({ ...progress, next: new Map(), maxEventTimeMs: new Map() }, query, batch, late, nowMs)

const countsEveryAttempt: Rules['advance'] = (progress, query, batch, late, nowMs) => {
  const { lateRows } = advance({ ...progress, next: new Map() }, query, batch, late, nowMs)
  return { ...advance(progress, query, batch, late, nowMs), lateRows }
}

/** Two invocations of one container fold into the same groups. */
class SharedShards extends WarmShards {
  override take(pk: string): Shard | undefined {
    const shard = super.take(pk)
    if (shard !== undefined) this.give(shard)
    return shard
  }
}

const at = (mode: OutputMode, policy: 'min' | 'max', invariant: string, fromSeed = 0): Showing => ({
  mode,
  policy,
  invariant,
  fromSeed,
})

export const knownMutants: readonly KnownMutant[] = [
  { rule: 'condition on the head', mutant: { store: blindly(isHead) }, shows: [at('append', 'max', 'I6', 0)] },
  {
    rule: 'rows below applied are skipped',
    mutant: { rules: { appliedIn: () => 0 } },
    shows: [at('append', 'min', 'I1', 1)],
  },
  {
    rule: 'applied by maximum',
    mutant: { rules: { headAfter: appliedAsItComes } },
    shows: [at('append', 'min', 'I6', 4)],
  },
  {
    rule: 'late by the cut, not by the bound of now',
    mutant: { rules: { cutOf: ({ boundMs }, _tp, _offset, mode) => (mode === 'complete' ? noBound : boundMs) } },
    shows: [at('append', 'max', 'I3', 1)],
  },
  {
    rule: 'cuts are kept until acknowledged',
    mutant: { rules: { headAfter: onlyTheLastCut } },
    shows: [at('append', 'max', 'I3', 98), at('update', 'max', 'I3', 98)],
  },
  {
    rule: 'appends respect the bound',
    mutant: { rules: { shutOf: (_head, { watermarkMs }, mode) => (mode === 'complete' ? noBound : watermarkMs) } },
    shows: [at('append', 'min', 'I2', 36), at('append', 'max', 'I2', 2)],
  },
  {
    rule: 'appends respect the watermark',
    mutant: { rules: { shutOf: (head, bounds, mode) => shutOf(head, { ...bounds, watermarkMs: noBound }, mode) } },
    shows: [at('update', 'max', 'SEQ', 10)],
  },
  {
    rule: 'appends raise the bound',
    mutant: {
      rules: {
        headAfter: boundStays,
        // What has ended is dropped all the same, by the watermark that the append knew.
        goneUpToMs: ({ cuts, boundMs }, mode) =>
          mode === 'update' ? Math.max(boundMs, ...[...cuts.values()].flat().map(([, cut]) => cut)) : noBound,
      },
    },
    shows: [at('update', 'max', 'I1', 2), at('update', 'min', 'I1', 2)],
  },
  { rule: 'closing binds at all', mutant: { rules: { mustBind: () => false } }, shows: [at('append', 'min', 'I2', 2)] },
  {
    rule: 'closing binds absent shards too',
    mutant: { rules: { mustBind: (head, watermarkMs) => head.rev !== null && mustBind(head, watermarkMs) } },
    shows: [at('append', 'min', 'I2', 3265), at('append', 'max', 'I2', 83)],
  },
  {
    rule: 'rows from the image after the bound',
    mutant: { run: emitsBeforeBinding },
    shows: [at('append', 'min', 'I2', 8)],
  },
  { rule: 'C only after the rows', mutant: { run: movesBoundThenEmits }, shows: [at('append', 'min', 'I2', 1)] },
  {
    rule: 'an append drops by C, not by the watermark',
    mutant: { rules: { headAfter: dropsByWatermark } },
    shows: [at('append', 'min', 'I2', 8)],
  },
  {
    rule: 'update keeps what is not acknowledged',
    mutant: { rules: { isGone: (head, image, mode) => protocolRules.isGone(head, { ...image, last: [] }, mode) } },
    shows: [at('update', 'max', 'I4', 26), at('update', 'min', 'I4', 124)],
  },
  {
    rule: 'from by maximum',
    mutant: { rules: { headAfter: fromAsItComes } },
    shows: [at('update', 'max', 'I2', 1430)],
  },
  { rule: 'progress conditional', mutant: { store: blindly(isProgress) }, shows: [at('append', 'min', 'I6', 1)] },
  {
    rule: 'progress merged by maximum',
    mutant: { rules: { advance: replacesProgress } },
    shows: [at('append', 'min', 'I6', 1)],
  },
  {
    rule: 'late count from the old next',
    mutant: { rules: { advance: countsEveryAttempt } },
    shows: [at('append', 'min', 'I3', 22), at('update', 'max', 'I3', 1)],
  },
  {
    rule: 'the sink refuses an old version',
    mutant: { sinks: { refusesOldVersion: false } },
    shows: [at('update', 'min', 'I4', 6)],
  },
  {
    rule: 'complete: a lower n is refused',
    mutant: { sinks: { refusesOldTable: false } },
    shows: [at('complete', 'min', 'I7', 83)],
  },
  {
    rule: 'complete: heads are read again',
    mutant: { run: tableFromCopies },
    shows: [at('complete', 'min', 'I7', 10)],
  },
  {
    rule: 'complete: read after the commit',
    mutant: { run: readsTableThenCommits },
    shows: [at('complete', 'min', 'I7', 21)],
  },
  { rule: 'close after the commit', mutant: { run: closesThenCommits }, shows: [at('append', 'min', 'I2', 6)] },
  {
    rule: 'an unclear outcome is read again',
    mutant: { seen: unclearIsWritten },
    shows: [at('update', 'min', 'I5', 0)],
  },
  { rule: 'segment before the head', mutant: { seen: headBeforeSegments }, shows: [at('update', 'min', 'I8', 2)] },
  {
    rule: 'a token in the name of a segment',
    mutant: { container: { newSegmentToken: () => 'x' } },
    shows: [at('update', 'min', 'I1', 12)],
  },
  {
    rule: 'old segments are removed after the head',
    mutant: { seen: removesBeforeHead },
    shows: [at('update', 'min', 'I8', 2)],
  },
  {
    rule: 'compaction checks the epoch',
    mutant: { rules: { mayCompact: () => true } },
    shows: [at('update', 'min', 'I8', 7)],
  },
  {
    rule: 'a snapshot has the groups that did not change',
    mutant: { rules: { snapshotOf: (_unchanged, changed) => [changed] } },
    shows: [at('update', 'min', 'I1', 7)],
  },
  {
    rule: 'a snapshot has the changes of its own batch',
    mutant: { rules: { snapshotOf: (unchanged) => unchanged } },
    shows: [at('update', 'min', 'I1', 7)],
  },
  {
    rule: 'an append that compacts counts as a compaction',
    mutant: { rules: { compactedHead: (head, segments) => ({ ...compactedHead(head, segments), epoch: head.epoch }) } },
    shows: [at('update', 'min', 'I1', 48)],
  },
  {
    rule: 'an append that compacts empties the tail',
    mutant: { rules: { compactedHead: (head, segments) => ({ ...compactedHead(head, segments), tail: head.tail }) } },
    shows: [at('update', 'min', 'I5', 50)],
  },
  {
    rule: 'what a snapshot replaces is left over only after its head is sure',
    mutant: { rules: { isReplaced: () => true } },
    shows: [at('update', 'min', 'I8', 11)],
  },
  {
    rule: 'orphans by seq and epoch',
    mutant: { rules: { isOrphan: ({ segments }, sk) => !segments.some((segment) => segment.sk === sk) } },
    shows: [at('update', 'min', 'I8', 2)],
  },
  {
    rule: 'a snapshot that was not seen starts over',
    mutant: { rules: { startsOver: () => false } },
    shows: [at('append', 'min', 'I1', 149), at('update', 'min', 'I1', 20)],
  },
  {
    rule: 'a load that misses a segment reads again',
    mutant: { rules: { readsAgain: () => false } },
    shows: [at('update', 'min', 'I8', 11)],
  },
  {
    rule: 'own segments are taken back only after a sure conflict',
    mutant: { rules: { mayTakeBack: () => true } },
    shows: [at('append', 'min', 'I8', 152), at('update', 'min', 'I8', 39)],
  },
  {
    rule: 'a refusal after a try of the client’s own is unclear',
    mutant: { trustsRefusals: true },
    shows: [at('update', 'min', 'I8', 471)],
  },
  { rule: 'order inside a partition', mutant: { laterHalfFirst: true }, shows: [at('update', 'min', 'I5', 2)] },
  { rule: 'all rows of a key in one shard', mutant: { isFalselyKeyed: true }, shows: [at('update', 'min', 'I1', 9)] },
  {
    rule: 'a warm shard has one user',
    mutant: { makesWarm: () => new SharedShards() },
    shows: [at('update', 'min', 'I1', 2)],
  },
]
