// The rules that versions of a query rest on, each taken out alone: the schedules must see that it is missing.

import { protocolRules } from '../../../lib/state/protocol/rules.ts'
import type { Mutant } from '../schedule/mutant.ts'
import type { ChangeName } from './version-query.ts'

export interface KnownVersionMutant {
  readonly rule: string
  readonly mutant: Mutant
  readonly name: ChangeName
  readonly invariant: string
  /** From which on it is looked for. */
  readonly fromSeed: number
}

const { headAfter } = protocolRules

export const versionMutants: readonly KnownVersionMutant[] = [
  {
    rule: 'a version neither reads nor writes a shard that a later one has written',
    mutant: { rules: { isTakenOver: () => false } },
    name: 'a part is added, in update mode',
    invariant: 'E1',
    fromSeed: 10,
  },
  {
    rule: 'the same, where the later version is in another mode',
    mutant: { rules: { isTakenOver: () => false } },
    name: 'update, then append',
    invariant: 'E1',
    fromSeed: 0,
  },
  {
    rule: 'every shard is taken from the version before, when all groups come out once',
    mutant: { rules: { mustFence: () => false } },
    name: 'append, then update',
    invariant: 'I4',
    fromSeed: 390,
  },
  {
    rule: 'what ended in update mode, and is not acknowledged, is to come out in append mode',
    mutant: { rules: { outUpToMs: (boundsMs) => Math.min(...boundsMs) } },
    name: 'update, then append',
    invariant: 'I4',
    fromSeed: 250,
  },
  {
    rule: 'what ended in update mode after the bound of a shard is to come out in append mode',
    mutant: { rules: { outUpToMs: (boundsMs) => Math.max(...boundsMs) } },
    name: 'update, then append',
    invariant: 'I2',
    fromSeed: 1765,
  },
  {
    rule: 'groups that are to come out once stay until then',
    mutant: {
      rules: {
        headAfter: (head, spans, shutMs, bounds, mode) => ({
          ...headAfter(head, spans, shutMs, bounds, mode),
          closedMs: Math.max(head.closedMs, shutMs),
        }),
      },
    },
    name: 'append, then update',
    invariant: 'I4',
    fromSeed: 0,
  },
]
