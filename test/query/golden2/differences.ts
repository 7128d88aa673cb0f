// Where our answer to a file is not Spark's: cell by cell, so that each can be one that was decided.

import { MicrobatchError, type OutputMode } from '../../../lib/index.ts'
import { ourBatch, ourPhases } from './our-answer.ts'
import { type OperatorNumbers, type Phase, sparkPhase, textsOf } from './phases.ts'
import type { Refused, Scenario, StreamMode } from './scenario.ts'

/** What of an answer may differ. `refusal`: one of both refuses the query, or in other words. */
export type Aspect = 'rows' | 'watermark' | 'refusal' | `operator ${keyof OperatorNumbers}` | 'operator count'

/** A phase, or an answer that has none. */
export type Place = number | 'whole'

export interface Difference {
  readonly what: Aspect
  readonly phase: Place
  readonly spark: unknown
  readonly ours: unknown
}

export async function differencesOf(scenario: Scenario, mode: StreamMode | 'batch'): Promise<readonly Difference[]> {
  if (mode === 'batch') return batchDifferences(scenario)
  const [outputMode, steady] = mode.split('_') as [OutputMode, string?]
  const spark = scenario.expected[mode]
  if (spark === undefined) return []
  const ours = await orRefused(() => ourPhases(scenario, outputMode))
  if ('error' in spark || 'error' in ours) return refusals(spark, ours)
  const phases = spark.map((batches) => sparkPhase(batches, outputMode === 'complete'))
  return steady === undefined ? phaseDifferences(phases, ours) : steadyDifferences(phases, ours)
}

async function batchDifferences(scenario: Scenario): Promise<readonly Difference[]> {
  const spark = scenario.expected.batch
  if (spark === undefined) return []
  const isOrdered = 'ordered' in spark && spark.ordered === true
  const ours = await orRefused(() => ourBatch(scenario, isOrdered))
  if ('error' in spark || 'error' in ours) return refusals(spark, ours)
  return unequal('rows', 'whole', textsOf(spark.rows, isOrdered), ours)
}

async function orRefused<Answer>(ask: () => Promise<Answer>): Promise<Answer | { readonly error: string }> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof MicrobatchError) return { error: error.message }
    throw error
  }
}

/** Ours says at least the first sentence of Spark's, and may say before it which query, and after it what to do. */
function refusals(spark: object | Refused, ours: object): readonly Difference[] {
  const theirs = 'error' in spark ? String(spark.error) : null
  const own = 'error' in ours ? String(ours.error) : null
  if (theirs !== null && own?.includes(firstSentence(theirs)) === true) return []
  return [{ what: 'refusal', phase: 'whole', spark: theirs, ours: own }]
}

const firstSentence = (text: string): string => text.split(/(?<=\.) (?=[A-Z])/)[0] ?? text

const counters = ['name', 'updated', 'removed', 'total', 'dropped', 'duplicates'] as const

function phaseDifferences(spark: readonly Phase[], ours: readonly Phase[]): readonly Difference[] {
  return spark.flatMap((theirs, phase): readonly Difference[] => {
    const own = ours[phase]
    const operators = theirs.operators.flatMap((operator, i) =>
      counters.flatMap((counter) =>
        unequal(`operator ${counter}`, phase, operator[counter], own?.operators[i]?.[counter]),
      ),
    )
    return [
      ...unequal('rows', phase, theirs.rows, own?.rows),
      ...unequal('watermark', phase, theirs.watermark, own?.watermark),
      ...unequal('operator count', phase, theirs.operators.length, own?.operators.length),
      ...operators,
    ]
  })
}

/**
 * Without no-data batches Spark gives what a phase has ended with the next phase's data, and takes what is late by the watermark of
 * the phase before; our no-data batch is a part of the same one. So our rows come a phase earlier, and are the same where none is late
 * between the two.
 */
function steadyDifferences(spark: readonly Phase[], ours: readonly Phase[]): readonly Difference[] {
  return spark.flatMap((theirs, phase): readonly Difference[] => {
    const upTo = (phases: readonly Phase[], last: number): readonly string[] =>
      phases.slice(0, last + 1).flatMap(({ rows }) => rows)
    const missing = without(upTo(spark, phase), upTo(ours, phase))
    const isLast = phase === spark.length - 1
    const unasked = isLast ? [] : without(upTo(ours, phase), upTo(spark, phase + 1))
    return [
      ...unequal('rows', phase, [], missing),
      ...unequal('rows', phase, [], unasked),
      ...unequal('watermark', phase, theirs.watermark, ours[phase]?.watermark),
    ]
  })
}

/** The texts that are not among the others, each as often as it is missing there. */
function without(texts: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return texts.filter((text) => {
    const at = left.indexOf(text)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

const unequal = (what: Aspect, phase: Place, spark: unknown, ours: unknown): readonly Difference[] =>
  JSON.stringify(spark) === JSON.stringify(ours) ? [] : [{ what, phase, spark, ours }]
