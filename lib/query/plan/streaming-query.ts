// A finished query: a plan, an output mode and the sinks. Refusals happen here, when it is built, in Spark's words
// (UnsupportedOperationChecker of Spark 3.5); nothing runs yet.

import { delayMs } from '../../aggregate/duration.ts'
import { checkOutputMode, type OutputMode, type PlanOperator } from '../../aggregate/output-mode.ts'
import type { WatermarkPolicy } from '../../aggregate/watermark.ts'
import { refuse } from '../../error.ts'
import type { Sink } from '../../sink/sink.ts'
import type { Evolve } from '../../state/protocol/operators/stateful-query.ts'
import { grownColumns } from './columns/grown-columns.ts'
import { requireEndingJoins } from './joins/join.ts'
import type { Plan } from './plan.ts'
import { requireWatermark } from './stages/drop-duplicates.ts'
import { checkKeyed } from './stages/spread.ts'
import { withoutTable } from './stages/staged.ts'

export interface WriteStreamOptions<Row> {
  /** @default 'append', as in Spark */
  readonly outputMode?: OutputMode
  /** Written one after the other, each batch; at least one. */
  readonly sinks: readonly Sink<Row>[]
  /**
   * `min`: the watermark follows the slowest partition, so no partition's rows are late because another is ahead. `max`:
   * Spark's own, the greatest event time of all partitions.
   * @default 'min'
   */
  readonly watermarkPolicy?: WatermarkPolicy
  /**
   * Which of several watermarks, those of the sides of a join or a union, the query follows: the least, so that the rows of no
   * side are late because another is ahead, or the greatest. Spark's `spark.sql.streaming.multipleWatermarkPolicy`.
   * @default 'min'
   */
  readonly multipleWatermarkPolicy?: 'min' | 'max'
  /**
   * With policy `min`: a partition that delivers no event time for so long, as a Spark interval, no longer holds the
   * watermark back. Off by default, since a partition that is stuck in retries would lose its backlog.
   */
  readonly idleTimeout?: string
  /** Takes the rows that came after their window was closed, as they were grouped; they are counted either way. */
  readonly lateSink?: Sink<object>
  /**
   * How far a row's event time may lie after its record's Kafka timestamp, as a Spark interval; a row beyond it is a dead
   * letter. `'off'` for parity with Spark, where one such row moves the watermark past everything for ever.
   * @default '1 hour'
   */
  readonly maxFuture?: string
  /**
   * What becomes of a record on which a function of the query throws: a dead letter with the reason FUNCTION_FAILED, or the
   * batch fails and comes again, as in Spark.
   * @default 'deadLetter'
   */
  readonly onFunctionError?: 'deadLetter' | 'fail'
  /**
   * What another version of the query may have kept (docs/state-evolution.md). `add`: aggregates, state variables or columns that this
   * version has and that one had not begin empty, and the rest is kept. `drop`: what that one had and this one has not is let go. Left
   * out, state of other parts is refused.
   */
  readonly evolve?: Evolve | readonly Evolve[]
}

/** A query that can run: kafkaHandler, testDriver and batch mode take it. */
export interface StreamingQuery<Row = unknown, Source = unknown, Key = unknown> {
  readonly name: string
  readonly plan: Plan
  readonly outputMode: OutputMode
  readonly sinks: readonly Sink<Row>[]
  readonly watermarkPolicy: WatermarkPolicy
  readonly multipleWatermarkPolicy: 'min' | 'max'
  readonly idleTimeoutMs: number | null
  readonly lateSink: Sink<object> | null
  /** Milliseconds, or null where the guard is off. */
  readonly maxFutureMs: number | null
  readonly onFunctionError: 'deadLetter' | 'fail'
  readonly evolve: readonly Evolve[]
  /** The type of the rows that the query starts from; in the types only. */
  readonly '~source'?: Source
  /** The type of its groups' columns, where its rows are of groups; in the types only. */
  readonly '~key'?: Key
}

export function writeStream<Row, Source, Key = unknown>(
  given: Plan,
  {
    outputMode = 'append',
    sinks = [],
    watermarkPolicy = 'min',
    multipleWatermarkPolicy = 'min',
    idleTimeout,
    lateSink,
    maxFuture = '1 hour',
    onFunctionError = 'deadLetter',
    evolve = [],
  }: WriteStreamOptions<Row> = { sinks: [] },
): StreamingQuery<Row, Source, Key> {
  requireOneOf(given, 'outputMode', outputMode, ['append', 'update', 'complete'])
  requireOneOf(given, 'watermarkPolicy', watermarkPolicy, ['min', 'max'])
  requireOneOf(given, 'multipleWatermarkPolicy', multipleWatermarkPolicy, ['min', 'max'])
  requireOneOf(given, 'onFunctionError', onFunctionError, ['deadLetter', 'fail'])
  const evolves = typeof evolve === 'string' ? [evolve] : evolve
  for (const word of evolves) requireOneOf(given, 'evolve', word, ['add', 'drop'])
  if (sinks.length === 0) {
    refuse(`${given.name}: writeStream has no sink, so its rows would go nowhere. Give it one: sinks: [consoleSink()].`)
  }
  for (const { description, outputModes } of sinks) {
    // Spark's words (STREAMING_OUTPUT_MODE of a data source).
    const mode = `${outputMode.charAt(0).toUpperCase()}${outputMode.slice(1)}`
    if (outputModes?.includes(outputMode) === false) {
      refuse(`${given.name}: Data source ${description} does not support ${mode} output mode.`)
    }
  }
  checkOutputMode(outputMode, operatorsOf(given))
  requireWatermark(given)
  requireEndingJoins(given, outputMode)
  // In append mode a limit counts over all batches: it is an operator that keeps state.
  const isLimited = outputMode === 'append' && given.after.some(({ kind }) => kind === 'limit')
  const plan = isLimited ? withoutTable(given, 'limit') : given
  checkKeyed(plan)
  if (idleTimeout !== undefined && watermarkPolicy === 'max') {
    refuse(`${plan.name}: idleTimeout goes with the watermark policy "min"; with "max" no partition holds it back.`)
  }
  return {
    name: plan.name,
    plan: evolves.includes('add') ? { ...plan, columns: grownColumns(plan) } : plan,
    outputMode,
    sinks,
    watermarkPolicy,
    multipleWatermarkPolicy,
    idleTimeoutMs: idleTimeout === undefined ? null : delayMs(idleTimeout),
    lateSink: lateSink ?? null,
    maxFutureMs: maxFuture === 'off' ? null : delayMs(maxFuture),
    onFunctionError,
    evolve: evolves,
  }
}

/** For callers whose types are not checked: a misspelt word must not mean something else. */
function requireOneOf(plan: Plan, option: string, given: string, known: readonly string[]): void {
  if (!known.includes(given))
    refuse(`${plan.name}: ${option} is ${JSON.stringify(given)}; expected one of ${known.join(', ')}.`)
}

function operatorsOf({ stages, aggregation, after }: Plan): readonly PlanOperator[] {
  const before = stages.map(({ step }): PlanOperator => {
    if (step.kind === 'aggregate') {
      return { kind: 'aggregate', isGroupedByWatermark: step.aggregation.finalBy !== null }
    }
    if (step.kind === 'sessionAggregate') {
      const { finalBy, keys } = step.aggregation
      return { kind: 'aggregate', isGroupedByWatermark: finalBy !== null, sessions: { isGlobal: keys.length === 0 } }
    }
    if (step.kind === 'limit') return { kind: 'limit' }
    return { kind: 'stateful', isCustom: step.kind === 'transformWithState' }
  })
  const aggregate: readonly PlanOperator[] =
    aggregation === null ? [] : [{ kind: 'aggregate', isGroupedByWatermark: aggregation.finalBy !== null }]
  const table = after.flatMap(({ kind }): readonly PlanOperator[] =>
    kind === 'orderBy' || kind === 'limit' ? [{ kind }] : [],
  )
  return [...before, ...aggregate, ...table]
}
