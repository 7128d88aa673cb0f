// How many calls a batch makes to the state store, over 100 batches with one shard: from a container that has seen the batch before,
// and from a new one each time. The number of groups must not matter but for what must be read.

import { memoryState } from '../lib/index.ts'
import type { Figure } from './baseline.ts'
import { eventOf } from './decode.ts'
import { type Spreading, spreadingHandler } from './state.ts'

const batches = 100
const recordsOfBatch = 1000

const cases: readonly (Spreading & { readonly name: string })[] = [
  { name: '10 groups, update', groups: 10 },
  { name: '100 groups, update', groups: 100 },
  { name: '1,000 groups, update', groups: 1000 },
  { name: '10,000 groups, update', groups: 10_000 },
  // A window ends every tenth batch.
  { name: '10 groups, append, a window each 10 batches', groups: 10, outputMode: 'append', size: '2000 seconds' },
  { name: '1,000 groups, append, a window each 10 batches', groups: 1000, outputMode: 'append', size: '2000 seconds' },
]

export async function benchCalls(): Promise<readonly Figure[]> {
  console.log(`\nCalls to the state store a batch, ${batches} batches of ${recordsOfBatch} ticks, one shard`)
  const figures: Figure[] = []
  for (const { name, ...spreading } of cases) {
    for (const kind of ['warm', 'cold'] as const) {
      const calls = await callsOf(spreading, kind)
      const mean = calls.reduce((sum, count) => sum + count, 0) / calls.length
      console.log(
        `  ${`${name}, ${kind}`.padEnd(56)}mean ${mean.toFixed(2)}   least ${Math.min(...calls)}   most ${Math.max(...calls)}`,
      )
      figures.push({ name: `calls a batch: ${name}, ${kind}`, value: mean, better: 'lower' })
    }
  }
  return figures
}

/** The first batch of all, which makes progress, does not count. */
async function callsOf(spreading: Spreading, kind: 'warm' | 'cold'): Promise<readonly number[]> {
  const state = memoryState()
  let handler = spreadingHandler(spreading, state)
  const calls: number[] = []
  for (let batch = 0; batch <= batches; batch += 1) {
    if (kind === 'cold') handler = spreadingHandler(spreading, state)
    const { stateOperators } = await handler(eventOf(batch * recordsOfBatch, recordsOfBatch))
    calls.push(stateOperators[0]?.customMetrics.storeCalls ?? Number.NaN)
  }
  return calls.slice(1)
}
