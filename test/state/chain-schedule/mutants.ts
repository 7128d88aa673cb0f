// The rules that chains rest on, each taken out alone: the schedules must see that it is missing.

import type { Located } from '../../../lib/query/chain/stage-operator.ts'
import type { GivenRows } from '../../../lib/state/protocol/operators/row-block.ts'
import { protocolRules } from '../../../lib/state/protocol/rules.ts'
import { blindly, isHead, unclearIsWritten } from '../schedule/mutant-stores.ts'
import { type ChainName, withBlocks } from './chain-query.ts'
import type { ChainMutant } from './simulation.ts'

export interface KnownChainMutant {
  readonly rule: string
  readonly mutant: ChainMutant
  readonly name: ChainName
  readonly policy: 'min' | 'max'
  readonly invariant: string
}

const { headAfter } = protocolRules

/** The last row first, so that the line of a block says the offset of its first row. */
const turned = ({ rows, ids, offsets }: GivenRows<Located>): GivenRows<Located> => ({
  rows: rows.toReversed(),
  ids: ids.toReversed(),
  offsets: offsets?.toReversed() ?? null,
})

export const chainMutants: readonly KnownChainMutant[] = [
  {
    rule: 'rows are owed until their batch is acknowledged',
    mutant: { rules: { isAcknowledged: () => true } },
    name: 'dropDuplicates',
    policy: 'max',
    invariant: 'I2',
  },
  {
    rule: 'a batch looks into blocks that go on behind it',
    mutant: { rules: { isOfBatch: (offset, { first, end }) => offset >= first && offset < end } },
    name: 'dropDuplicates',
    policy: 'max',
    invariant: 'I2',
  },
  {
    rule: 'a block is owed until its last row is acknowledged',
    mutant: { query: (query) => withBlocks(query, (given, whole) => whole(turned(given))) },
    name: 'dropDuplicates of all time',
    policy: 'min',
    invariant: 'I2',
  },
  {
    rule: 'rows that time gave are owed until they are closed',
    mutant: { rules: { goneUpToMs: ({ boundMs }) => boundMs } },
    name: 'windows, then dropDuplicates',
    policy: 'max',
    invariant: 'I2',
  },
  {
    rule: 'event time comes to the operators in the append that raises the bound',
    mutant: {
      query: (query) => ({
        ...query,
        chain: query.chain === null ? null : { ...query.chain, advance: () => undefined },
      }),
    },
    name: 'windows, then dropDuplicates',
    policy: 'max',
    invariant: 'I1',
  },
  {
    rule: 'closing binds',
    mutant: { rules: { mustBind: () => false } },
    name: 'windows, then dropDuplicates',
    policy: 'max',
    invariant: 'I2',
  },
  {
    rule: 'rows below applied are skipped',
    mutant: { rules: { appliedIn: () => 0 } },
    name: 'windows, then dropDuplicates',
    policy: 'min',
    invariant: 'I1',
  },
  {
    rule: 'late by the cut, not by the bound of now',
    mutant: { rules: { cutOf: ({ boundMs }) => boundMs } },
    name: 'dropDuplicatesWithinWatermark',
    policy: 'max',
    invariant: 'I3',
  },
  {
    rule: 'an append raises the bound that rows were decided by',
    mutant: { rules: { headAfter: (head, ...rest) => ({ ...headAfter(head, ...rest), boundMs: head.boundMs }) } },
    name: 'dropDuplicates, then windows',
    policy: 'max',
    invariant: 'I1',
  },
  {
    rule: 'condition on the head',
    mutant: { store: blindly(isHead) },
    name: 'dropDuplicates of all time',
    policy: 'min',
    invariant: 'I6',
  },
  {
    rule: 'an unclear outcome is read again',
    mutant: { seen: unclearIsWritten },
    name: 'dropDuplicates of all time',
    policy: 'min',
    invariant: 'I1',
  },
  {
    rule: 'a snapshot that was not seen starts over',
    mutant: { rules: { startsOver: () => false } },
    name: 'dropDuplicatesWithinWatermark',
    policy: 'max',
    invariant: 'I1',
  },
]
