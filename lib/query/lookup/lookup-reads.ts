// A batch read with lookups. Rows are read as if all answers were there; those that are missing are loaded together, and the batch is
// read again. The functions of a query are pure, so a second read gives the same rows but for the answers.

import { MicrobatchError, messageOf } from '../../error.ts'
import type { Plan } from '../plan/plan.ts'
import type { LookupAnswers, LookupBatch } from './lookup-answers.ts'

/** The static sides of a plan, each once. */
export function lookupsOf({ operators, others }: Plan): readonly LookupAnswers[] {
  const all = [...operators, ...others.flatMap((other) => other.operators)]
  return [...new Set(all.flatMap((operator) => (operator.kind === 'lookup' ? [operator.answers] : [])))]
}

/**
 * @param read is called once where all answers are at hand, and once more for each lookup at the most whose keys another gives
 * @throws MicrobatchError PREPARE_FAILED where an answer does not come; and what `read` throws
 */
export async function readWithLookups<Read>(
  name: string,
  lookups: readonly LookupAnswers[],
  nowMs: number,
  read: () => Read,
): Promise<Read> {
  const batches = lookups.map((answers) => ({ answers, batch: { nowMs, held: new Map(), missing: new Map() } }))
  for (let tries = 0; ; tries += 1) {
    // Nothing else runs in the middle of a read, so the lookups can be told which batch asks.
    for (const { answers, batch } of batches) answers.enter(batch)
    const rows = read()
    for (const { answers } of batches) answers.enter(null)
    const waiting = batches.filter(({ batch }) => batch.missing.size > 0)
    if (waiting.length === 0) return rows
    if (tries > lookups.length) {
      const problem = `${name}: a lookup is asked for other keys each time the batch is read.`
      throw new MicrobatchError('FUNCTION_FAILED', `${problem} The functions before it must be pure.`)
    }
    await Promise.all(waiting.map(({ answers, batch }) => load(name, answers, batch)))
  }
}

async function load(name: string, answers: LookupAnswers, batch: LookupBatch): Promise<void> {
  try {
    await answers.load(batch)
    batch.missing.clear()
  } catch (cause) {
    const problem = `${name}: a lookup could not be asked for a batch, which comes again: ${messageOf(cause)}`
    throw new MicrobatchError('PREPARE_FAILED', problem, { cause })
  }
}
