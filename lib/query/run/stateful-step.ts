// A micro-batch of a query with an aggregation: rows to groups, through the state protocol (lib/state), and the groups
// that it says to emit out to the sinks. It is Spark's data batch and the no-data batch after it in one.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import { wallTimeMs } from '../../aggregate/time.ts'
import { MicrobatchError } from '../../error.ts'
import { recordId, topicPartition } from '../../event/kafka-row.ts'
import type { Coordinates, LocatedRow } from '../../event/located-row.ts'
import type { EmittedRow } from '../../sink/sink.ts'
import { applyBatch, type BatchOutcome } from '../../state/protocol/apply-batch.ts'
import type { Batch, LateRow, PartitionRows, StatefulQuery } from '../../state/protocol/stateful-query.ts'
import { compileGrouping } from '../aggregation/grouping.ts'
import { keptAs } from '../aggregation/kept-state.ts'
import { watermarkSpec } from '../aggregation/watermark-spec.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import type { DecodedDelivery, MicroBatchPorts, Step } from './delivery.ts'
import { compileEmission } from './emitted-groups.ts'
import type { StateOfBatch } from './progress.ts'
import { progressOf } from './progress-of.ts'
import type { SinkSet } from './sink-set.ts'

type Rows = LocatedRow<PlanRow>

export function statefulStep<Row>(query: StreamingQuery<Row>, ports: MicroBatchPorts, sinks: SinkSet): Step<Row> {
  const { container, deadLetters, now } = ports
  const step = query.plan.aggregation
  if (step === null || container === null) {
    throw new MicrobatchError('CONFIG_INVALID', `${query.name}: an aggregation needs state. Give it a state store.`)
  }
  const grouping = compileGrouping(step)
  const emit = compileEmission(query, grouping)
  const stateful: StatefulQuery<Rows, Accumulators> = {
    ...keptAs(query, grouping, ports),
    watermark: watermarkSpec(query, ports.partitions),
    windows: grouping.grid,
    operator: grouping.operator,
  }

  return async (delivery) => {
    const { read } = delivery
    const applied = await applyBatch(container, stateful, batchOf(delivery), wallTimeMs(delivery.startedMs))
    const batchId = applied.batchId - 1
    await writeLate(query, sinks, applied.late, batchId)
    const groups = emit(await applied.output())
    const letters = [...read.deadLetters, ...groups.letters]
    await deadLetters.send(letters)
    const batch = {
      query: query.name,
      batchId,
      outputMode: query.outputMode,
      columns: query.plan.columns,
      rows: groups.rows as readonly EmittedRow<Row>[],
    }
    await sinks.write(query.sinks, batch)
    const outcome = await applied.acknowledge()
    return {
      batch,
      late: applied.late.map(({ row }) => row),
      deadLetters: letters,
      watermarkMs: outcome.watermarkMs,
      warnings: outcome.warnings,
      progress: progressOf(query, delivery, {
        batch,
        numDeadLetters: letters.length,
        endedMs: now(),
        state: stateOf(outcome, applied.late),
      }),
    }
  }
}

/** Every place of the delivery and its rows, by partition. */
function batchOf({ places, read }: DecodedDelivery): Batch<Rows> {
  const records = byPartition(places, (at) => at)
  const rows = byPartition(read.rows, ({ at }) => at)
  const dead = byPartition(read.deadLetters, (letter) => letter)
  const partitions = Array.from(records, ([tp, part]): PartitionRows<Rows> => {
    const own = rows.get(tp) ?? []
    return {
      tp,
      partition: part[0]?.partition ?? 0,
      records: part,
      rows: own,
      at: own.map(({ at }) => at),
      maxEventTimeMs: read.eventTimes.maxByPartition.get(tp) ?? null,
      deadLetterOffsets: (dead.get(tp) ?? []).map(({ offset }) => offset),
    }
  })
  return { partitions }
}

/** They come partition by partition, so a name is made for each run of them and not for each. */
function byPartition<T>(items: readonly T[], placeOf: (item: T) => Pick<Coordinates, 'topic' | 'partition'>) {
  const parts = new Map<string, T[]>()
  let current: Pick<Coordinates, 'topic' | 'partition'> | undefined
  let part: T[] = []
  for (const item of items) {
    const at = placeOf(item)
    if (current === undefined || at.partition !== current.partition || at.topic !== current.topic) {
      current = at
      const tp = topicPartition(at)
      part = parts.get(tp) ?? []
      parts.set(tp, part)
    }
    part.push(item)
  }
  return parts
}

async function writeLate(
  query: StreamingQuery,
  sinks: SinkSet,
  late: readonly LateRow<Rows>[],
  batchId: number,
): Promise<void> {
  if (query.lateSink === null || late.length === 0) return
  await sinks.write([query.lateSink], {
    query: query.name,
    batchId,
    outputMode: 'append',
    columns: query.plan.aggregation?.input ?? new Map(),
    rows: late.map(({ row: { row, at } }) => ({ row, id: recordId(at) })),
  })
}

/** What progress says of the state. Spark counts late groups of a batch, not rows: its filter sits after the merge. */
function stateOf(outcome: BatchOutcome, late: readonly LateRow<Rows>[]): StateOfBatch {
  const dropped = new Set(late.flatMap(({ groups }) => groups.map(({ key, windowEndMs }) => `${windowEndMs} ${key}`)))
  return {
    watermarkMs: outcome.ranWithWatermarkMs,
    numRowsUpdated: outcome.groupsUpdated,
    numRowsRemoved: outcome.groupsClosed,
    numRowsTotal: outcome.groupsTotal,
    memoryUsedBytes: outcome.stateBytes,
    numRowsDroppedByWatermark: dropped.size,
    numLateRows: late.length,
    customMetrics: {
      segments: outcome.segments,
      storeCalls: outcome.usage.calls,
      readUnits: outcome.usage.readUnits,
      writeUnits: outcome.usage.writeUnits,
    },
    heldBackBy: outcome.heldBackBy,
  }
}
