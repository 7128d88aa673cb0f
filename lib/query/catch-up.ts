// A query brought to where another one is, without a word to the world: its state is folded from records that were delivered long ago,
// and neither sinks nor dead letters are written. It closes nothing that the other one has not closed, so what ends later is emitted by
// the stream that goes on from there.

import { randomUUID } from 'node:crypto'
import type { EventTimeMs } from '../aggregate/time.ts'
import { MicrobatchError } from '../error.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import { movedState } from '../state/archive/archive.ts'
import { readKeptState } from '../state/archive/kept-state.ts'
import { writeState } from '../state/archive/written-state.ts'
import { laterOf } from '../state/items/progress.ts'
import { stateContainer } from '../state/protocol/container.ts'
import { protocolRules, type Rules } from '../state/protocol/rules.ts'
import type { StateStore } from '../state/store.ts'
import type { Spread } from './aggregation/kept-state.ts'
import type { StreamingQuery } from './plan/streaming-query.ts'
import { microBatch } from './run/micro-batch.ts'
import type { StreamingQueryProgress } from './run/progress.ts'

export interface CatchUpOptions extends Spread {
  readonly state: StateStore
  /** Epoch milliseconds: up to here the query may close windows, and drop rows as late; null for wherever its watermark is. */
  readonly closeUpToMs: number | null
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number
}

export interface CatchUp {
  /**
   * Folds one batch, which may come again.
   * @throws MicrobatchError whatever the batch would fail with on Lambda
   */
  add(records: readonly KafkaRow[]): Promise<StreamingQueryProgress>
  /** Closes what may be closed by now and is not. */
  settle(): Promise<StreamingQueryProgress>
  /**
   * Before the stream goes on: in update mode its first batch emits all groups that are open, since those that no row comes to any more
   * would have no row of this version.
   * @throws MicrobatchError STATE_CONFLICT where the stream has begun already
   */
  handOver(): Promise<void>
}

/**
 * @param query with state
 * @throws MicrobatchError CONFIG_INVALID as kafkaHandler
 * @example
 * const { add, settle, handOver } = catchUp(barsQuery, { state, partitions: 3, shards: 1, closeUpToMs: old.closedMs })
 * for (const records of batches) await add(records)
 * await settle()
 * await handOver()
 */
export function catchUp(
  query: StreamingQuery,
  { state, partitions, shards, closeUpToMs, now = Date.now }: CatchUpOptions,
): CatchUp {
  const rules = closeUpToMs === null ? protocolRules : heldBack(closeUpToMs as EventTimeMs)
  const batches = microBatch(
    { ...query, sinks: [], lateSink: null },
    {
      deadLetters: { send: async () => undefined },
      remainingMs: () => Number.POSITIVE_INFINITY,
      now,
      container: stateContainer(state, { rules }),
      partitions,
      shards,
    },
  )
  const add = async (records: readonly KafkaRow[]) => (await batches.run({ kind: 'records', records })).progress
  const owesTable = query.outputMode === 'update' && query.plan.aggregation !== null
  return {
    add,
    settle: () => add([]),
    handOver: async () => {
      if (owesTable) await oweTable(state, query.name, now())
    },
  }
}

/** Writes the state anew, with what is open alone: what has ended is not to come out. */
async function oweTable(state: StateStore, name: string, nowMs: number): Promise<void> {
  const kept = await readKeptState(state, name)
  if (kept === undefined) return
  const moved = movedState({ ...kept, progress: { ...kept.progress, owesTable: true } }, nowMs)
  const written = await writeState(state, name, moved, { rev: kept.progress.rev, nowMs, newToken: randomUUID })
  if (written.kind === 'written') return
  const problem = `The state of "${name}" was written while it was handed over: its stream has begun already.`
  throw new MicrobatchError('STATE_CONFLICT', problem)
}

/** Event times by partition are kept as they are: the first batch of the stream that goes on has the watermark that they give. */
const heldBack = (atMs: EventTimeMs): Rules => ({
  ...protocolRules,
  advance(progress, ...batch) {
    const moved = protocolRules.advance(progress, ...batch)
    const isAhead = moved.watermarkMs !== null && moved.watermarkMs > atMs
    return isAhead ? { ...moved, watermarkMs: laterOf(progress.watermarkMs, atMs) } : moved
  },
})
