// A micro-batch of a stateful query: rows go through the state protocol (lib/state), into groups or through other operators, and what
// it says to emit goes out to the sinks. It is Spark's data batch and the no-data batch after it in one.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import { wallTimeMs } from '../../aggregate/time.ts'
import { MicrobatchError } from '../../error.ts'
import { type LocatedRow, rowId } from '../../event/located-row.ts'
import type { DeadLetter } from '../../sink/dead-letter.ts'
import type { EmittedRow, SinkBatch } from '../../sink/sink.ts'
import { batchKey, rangesOf } from '../../state/items/known-batch.ts'
import { type AppliedBatch, applyBatch } from '../../state/protocol/apply-batch.ts'
import type { StateContainer } from '../../state/protocol/container.ts'
import type {
  Batch,
  LastingQuery,
  LateRow,
  Output,
  PartitionRows,
  StatefulQuery,
} from '../../state/protocol/operators/stateful-query.ts'
import { compileKept } from '../aggregation/kept-operators.ts'
import { keptAs } from '../aggregation/kept-state.ts'
import { watermarkSpec } from '../aggregation/watermark-spec.ts'
import type { PlanRow } from '../plan/plan.ts'
import { columnsOfLate } from '../plan/sources.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { batchClock } from './batch-clock.ts'
import type { DecodedDelivery, MicroBatchPorts, MicroBatchResult, Step } from './delivery.ts'
import { compileEmission } from './emitted-groups.ts'
import type { Attempt } from './faulty-rows.ts'
import { failingAttempt, failOnFunction, isNoting, notingAttempt, setAside } from './faulty-rows.ts'
import { byPartition } from './partitions.ts'
import { progressOf } from './progress-of.ts'
import type { SinkSet } from './sink-set.ts'
import { stateOf } from './state-of-batch.ts'

type Rows = LocatedRow<PlanRow>

export function statefulStep<Row>(query: StreamingQuery<Row>, ports: MicroBatchPorts, sinks: SinkSet): Step<Row> {
  const { container, deadLetters, now } = ports
  if (container === null) {
    throw new MicrobatchError('CONFIG_INVALID', `${query.name}: a stateful query needs state. Give it a state store.`)
  }
  const kept = compileKept(query.plan, query.outputMode, query.evolve)
  const emit = compileEmission(query, kept)
  const lasting = {
    ...keptAs(query, kept, ports),
    watermark: watermarkSpec(query, ports.partitions),
    windows: kept.grid,
    gives: kept.gives,
  }
  const plain = failingAttempt(kept)
  const stateful = ({ operator, chain }: Attempt): StatefulQuery<Rows, Accumulators> => ({
    ...lasting,
    operator,
    chain,
  })
  const mustNote = isNoting(query)
  const clock = batchClock(query.plan, { container, query: stateful(plain) as unknown as LastingQuery })
  return { clock, run: (delivery) => run(container, delivery) }

  /** The batch applied, without the rows that cannot be folded: their letters are safe before anything is written. */
  async function apply(
    container: StateContainer,
    delivery: DecodedDelivery,
    before: Aside = noneAside,
  ): Promise<Applied> {
    const batch = batchOf(delivery)
    const attempt = mustNote ? notingAttempt(kept, before.derived) : plain
    try {
      const applied = await applyBatch(container, stateful(attempt), batch, wallTimeMs(delivery.startedMs))
      return { applied, output: await applied.output(), batch, delivery, sent: before.letters }
    } catch (error) {
      const faults = attempt.faultsOf(error)
      if (faults === null) throw error
      failOnFunction(query, faults)
      const { read, letters } = setAside(query, delivery.read, faults)
      await deadLetters.send(letters)
      const derived = new Set([...before.derived, ...faults.derived.keys()])
      return apply(container, { ...delivery, read }, { letters: [...before.letters, ...letters], derived })
    }
  }

  async function run(container: StateContainer, given: DecodedDelivery): Promise<MicroBatchResult<Row>> {
    const { applied, output, batch: rows, delivery, sent } = await apply(container, given)
    const batchId = applied.batchId - 1
    const name = { query: query.name, key: batchKey(rangesOf(rows.partitions)), batchId, number: batchId }
    const tooLate = await writeLate(query, sinks, applied.late, { ...name, key: `${name.key} late` })
    const groups = emit(output, clockOfBatch(delivery))
    const letters = [...new Set([...delivery.read.deadLetters, ...sent, ...groups.letters])]
    await deadLetters.send(letters.filter((letter) => !sent.includes(letter)))
    const batch = {
      ...name,
      outputMode: query.outputMode,
      columns: query.plan.columns,
      rows: groups.rows as readonly EmittedRow<Row>[],
    }
    const tooLarge = await sinks.write(query.sinks, batch)
    const all = [...letters, ...tooLate, ...tooLarge]
    const outcome = await applied.acknowledge()
    return {
      batch,
      late: applied.late.map(({ row }) => row),
      deadLetters: all,
      watermarkMs: outcome.watermarkMs,
      warnings: outcome.warnings,
      progress: progressOf(query, delivery, {
        batch,
        numDeadLetters: all.length,
        endedMs: now(),
        watermarkMs: outcome.ranWithWatermarkMs,
        state: stateOf(outcome, applied.late, kept),
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
): Promise<readonly DeadLetter[]> {
  if (query.lateSink === null || late.length === 0) return []
  return sinks.write([query.lateSink], {
    ...name,
    outputMode: 'append',
    columns: columnsOfLate(query.plan),
    rows: late.map(({ row: { row, at } }) => ({ row, id: rowId(at) })),
  })
}

/** What was set aside of a batch before it could be written. */
interface Aside {
  readonly letters: readonly DeadLetter[]
  /** Rows that operators made, as their faults are named. */
  readonly derived: ReadonlySet<string>
}

const noneAside: Aside = { letters: [], derived: new Set() }

interface Applied {
  readonly applied: AppliedBatch<Rows, Accumulators>
  readonly output: Output<Accumulators>
  readonly batch: Batch<Rows>
  readonly delivery: DecodedDelivery
  readonly sent: readonly DeadLetter[]
}
