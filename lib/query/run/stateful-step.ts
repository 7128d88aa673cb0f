// A micro-batch of a query with an aggregation: rows to groups, through the state protocol (lib/state), and the groups
// that it says to emit out to the sinks. It is Spark's data batch and the no-data batch after it in one.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import { wallTimeMs } from '../../aggregate/time.ts'
import { MicrobatchError } from '../../error.ts'
import { type LocatedRow, rowId } from '../../event/located-row.ts'
import type { DeadLetter } from '../../sink/dead-letter.ts'
import type { EmittedRow, SinkBatch } from '../../sink/sink.ts'
import { batchKey, rangesOf } from '../../state/items/known-batch.ts'
import { applyBatch } from '../../state/protocol/apply-batch.ts'
import type { BatchOutcome } from '../../state/protocol/batch-outcome.ts'
import type { StateContainer } from '../../state/protocol/container.ts'
import type { Batch, LastingQuery, LateRow, PartitionRows, StatefulQuery } from '../../state/protocol/stateful-query.ts'
import { compileGrouping } from '../aggregation/grouping.ts'
import { keptAs } from '../aggregation/kept-state.ts'
import { watermarkSpec } from '../aggregation/watermark-spec.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { batchClock } from './batch-clock.ts'
import type { DecodedDelivery, MicroBatchPorts, MicroBatchResult, Step } from './delivery.ts'
import { compileEmission } from './emitted-groups.ts'
import { mayFault, setAside, withoutFaults } from './faulty-rows.ts'
import { byPartition } from './partitions.ts'
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
    chain: null,
    gives: 'groups',
  }

  const mustNote = query.onFunctionError === 'deadLetter' && mayFault(step)
  const kept = { container, query: stateful as unknown as LastingQuery }
  return { clock: batchClock(query.plan, kept), run: (delivery) => run(container, delivery) }

  /** The batch applied, without the rows on which an aggregate throws: their letters are safe before anything is written. */
  async function apply(container: StateContainer, delivery: DecodedDelivery, sent: readonly DeadLetter[] = []) {
    const { read, startedMs } = delivery
    const batch = batchOf(delivery)
    const attempt = (operator: typeof grouping.operator) =>
      applyBatch(container, { ...stateful, operator }, batch, wallTimeMs(startedMs))
    if (!mustNote) return { applied: await attempt(grouping.operator), batch, delivery, sent }
    const outcome = await withoutFaults(grouping.operator, attempt)
    if ('result' in outcome) return { applied: outcome.result, batch, delivery, sent }
    const aside = setAside(query.name, read, outcome.faults)
    await deadLetters.send(aside.letters)
    return apply(container, { ...delivery, read: aside.read }, [...sent, ...aside.letters])
  }

  async function run(container: StateContainer, given: DecodedDelivery): Promise<MicroBatchResult<Row>> {
    const { applied, batch: rows, delivery, sent } = await apply(container, given)
    const { read } = delivery
    const batchId = applied.batchId - 1
    const name = { query: query.name, key: batchKey(rangesOf(rows.partitions)), batchId, number: batchId }
    await writeLate(query, sinks, applied.late, name)
    const groups = emit(await applied.output(), clockOfBatch(delivery))
    const letters = [...read.deadLetters, ...groups.letters]
    await deadLetters.send(letters.filter((letter) => !sent.includes(letter)))
    const batch = {
      ...name,
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

type BatchName = Pick<SinkBatch<object>, 'query' | 'key' | 'batchId' | 'number'>

/** For the operators after the aggregation, whose rows are from no one record. */
const clockOfBatch = ({ places: [first], clock, startedMs }: DecodedDelivery): number =>
  first === undefined ? startedMs : clock(first)

async function writeLate(
  query: StreamingQuery,
  sinks: SinkSet,
  late: readonly LateRow<Rows>[],
  name: BatchName,
): Promise<void> {
  if (query.lateSink === null || late.length === 0) return
  await sinks.write([query.lateSink], {
    ...name,
    outputMode: 'append',
    columns: query.plan.aggregation?.input ?? new Map(),
    rows: late.map(({ row: { row, at } }) => ({ row, id: rowId(at) })),
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
