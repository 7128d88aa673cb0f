// A micro-batch of a query with an aggregation: rows to groups, through the state protocol (lib/state), and the groups
// that it says to emit out to the sinks. It is Spark's data batch and the no-data batch after it in one.

import { wallTimeMs } from '../../aggregate/time.ts'
import { MicrobatchError } from '../../error.ts'
import { recordId, topicPartition } from '../../event/kafka-row.ts'
import type { LocatedRow } from '../../event/located-row.ts'
import { outputColumnsOf } from '../../sink/output-columns.ts'
import type { EmittedRow, SinkBatch } from '../../sink/sink.ts'
import { applyBatch, type BatchOutcome } from '../../state/protocol/apply-batch.ts'
import { stateSession } from '../../state/protocol/session.ts'
import type { Batch, GroupInput, Input, LateRow, Output, StatefulQuery } from '../../state/protocol/stateful-query.ts'
import { resetState as resetKeptState } from '../../state/reset.ts'
import type { StateStore } from '../../state/store.ts'
import { compileTable } from '../operators/table-operators.ts'
import { type AggregationStep, type PlanRow, topicOf } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import type { DecodedDelivery, MicroBatchPorts, Step } from './delivery.ts'
import { compileGrouping, type Grouping } from './grouping.ts'
import { progressOf } from './progress-of.ts'
import type { SinkSet } from './sink-set.ts'
import { watermarkSpec } from './watermark-spec.ts'

/** How many partition keys the groups of a query are spread over: well above what one Lambda's writes need. */
export const shards = 4

export function statefulStep<Row>(query: StreamingQuery<Row>, ports: MicroBatchPorts, sinks: SinkSet): Step<Row> {
  const { session, deadLetters, now } = ports
  const step = query.plan.aggregation
  if (step === null || session === null) {
    throw new MicrobatchError('CONFIG_INVALID', `${query.name}: an aggregation needs state. Give it a state store.`)
  }
  const grouping = compileGrouping(step)
  const table = compileTable(query.plan.after)
  const stateful: StatefulQuery<LocatedRow<PlanRow>> = {
    ...keptAs(query, grouping),
    watermark: watermarkSpec(query, ports.partitions),
    windows: grouping.grid,
    ...(ports.retentionMs === null ? {} : { retentionMs: ports.retentionMs }),
    fold: (kept, inputs) =>
      grouping.fold(
        kept,
        inputs.map(({ value }) => value),
      ),
  }

  return async (delivery) => {
    const { read } = delivery
    const applied = await applyBatch(session, stateful, batchOf(delivery, grouping), wallTimeMs(delivery.startedMs))
    if (applied.late.length > 0) await writeLate(query, sinks, applied.late)
    if (read.deadLetters.length > 0) await deadLetters.send(read.deadLetters)
    const batch: SinkBatch<Row> = {
      query: query.name,
      batchId: applied.output.batchId - 1,
      outputMode: query.outputMode,
      columns: query.plan.columns,
      rows: table(emittedRows(grouping, step, applied.output)) as readonly EmittedRow<Row>[],
    }
    await sinks.write(query.sinks, batch)
    const outcome = await applied.acknowledge()
    return {
      batch,
      late: outcome.late.map(({ value }) => value),
      deadLetters: read.deadLetters,
      watermarkMs: outcome.watermarkMs,
      warnings: outcome.warnings,
      progress: progressOf(query, delivery, { batch, endedMs: now(), state: stateOf(outcome) }),
    }
  }
}

/** What kept state is recognised and found by. */
const keptAs = (query: StreamingQuery, grouping: Grouping) => ({
  name: query.name,
  fingerprint: { topic: topicOf(query.plan), ...grouping.fingerprint },
  outputMode: query.outputMode,
  shards,
})

/**
 * Begins empty state for a query, whatever was kept before, also under another layout or fingerprint. Rows delivered from
 * now on are folded from nothing; to read the topic again as well, give the mapping another consumer group.
 *
 * @returns how many old groups were left to expire
 * @throws MicrobatchError CONFIG_INVALID for a query without an aggregation; STATE_CONFLICT if a batch committed at the same
 *   moment: call it again
 * @example await resetState(barsQuery, dynamoState({ table: 'bars-state' }))
 */
export async function resetState(query: StreamingQuery, state: StateStore, nowMs = Date.now()): Promise<number> {
  const step = query.plan.aggregation
  if (step === null)
    throw new MicrobatchError('CONFIG_INVALID', `${query.name}: a query without an aggregation has no state.`)
  const fresh = { ...keptAs(query, compileGrouping(step)), watermark: null, windows: null, fold: () => '' }
  return resetKeptState(stateSession(state), fresh, wallTimeMs(nowMs))
}

/** The rows of the emitted groups, before the operators that come after the aggregation. */
function emittedRows(grouping: Grouping, step: AggregationStep, { mode, rows }: Output) {
  // Spark: the complete table of an aggregation without grouping has one row, also over nothing.
  if (mode === 'complete' && rows.length === 0 && step.order.length === 0) {
    return [
      { id: '~#[]', version: 0, row: grouping.rowOf({ key: '[]', windowEndMs: null }, grouping.aggregation.init()) },
    ]
  }
  return rows.map((group) => ({
    id: group.id,
    version: group.version,
    row: grouping.rowOf(group, grouping.aggregation.decode(group.acc)),
  }))
}

/** Every place of the delivery, and its rows by group, in the order they were delivered in. */
function batchOf({ places, read }: DecodedDelivery, grouping: Grouping): Batch<LocatedRow<PlanRow>> {
  const dead = Map.groupBy(read.deadLetters, topicPartition)
  const partitions = new Map(
    Array.from(Map.groupBy(places, topicPartition), ([tp, records]) => [
      tp,
      {
        records,
        maxEventTimeMs: read.eventTimes.maxByPartition.get(tp) ?? null,
        deadLetterOffsets: (dead.get(tp) ?? []).map(({ offset }) => offset),
      },
    ]),
  )
  const groups = new Map<string, GroupInput<LocatedRow<PlanRow>> & { readonly inputs: Input<LocatedRow<PlanRow>>[] }>()
  for (const located of read.rows) {
    const value = { tp: topicPartition(located.at), offset: located.at.offset, value: located }
    for (const name of grouping.groupsOf(located.row)) {
      const id = `${name.windowEndMs}${name.key}`
      const group = groups.get(id)
      if (group === undefined) groups.set(id, { ...name, inputs: [value] })
      else group.inputs.push(value)
    }
  }
  return { partitions, groups: [...groups.values()] }
}

async function writeLate(
  query: StreamingQuery,
  sinks: SinkSet,
  rows: readonly LateRow<LocatedRow<PlanRow>>[],
): Promise<void> {
  if (query.lateSink === null) return
  await sinks.write([query.lateSink], {
    query: query.name,
    batchId: 0,
    outputMode: 'append',
    columns: outputColumnsOf(query.plan.aggregation?.input ?? new Map()),
    rows: rows.map(({ value }) => ({ row: value.row, id: recordId(value.at) })),
  })
}

/** What progress says of the state. Spark counts late groups of a batch, not rows: its filter sits after the merge. */
function stateOf(outcome: BatchOutcome<LocatedRow<PlanRow>>) {
  const dropped = new Set(
    outcome.late.flatMap(({ groups }) => groups.map(({ key, windowEndMs }) => `${windowEndMs} ${key}`)),
  )
  return {
    watermarkMs: outcome.ranWithWatermarkMs,
    numRowsUpdated: outcome.groupsUpdated,
    numRowsRemoved: outcome.groupsClosed,
    numRowsTotal: outcome.groupsTotal,
    numRowsDroppedByWatermark: dropped.size,
    numLateRows: outcome.late.length,
    heldBackBy: outcome.heldBackBy,
  }
}
