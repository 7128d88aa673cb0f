// Write units for a million records, by DynamoDB's rules (1 KB each; a removal costs what the write did), as the progress of each
// batch counts them; beside what an item for each group would cost, computed from the same batches: a unit for each group that a
// batch touches, two for each that closes, and progress.

import { memoryState } from '../lib/index.ts'
import type { Figure } from './baseline.ts'
import { batchSize, eventOf } from './decode.ts'
import { type Spreading, spreadingHandler } from './state.ts'

const millionRecords = 1_000_000 / batchSize

interface Case extends Spreading {
  readonly shards: number
  /** Batches that come before what is measured, until all groups are there. */
  readonly before: number
}

/** Shards as docs/state-protocol.md advises. A window takes ten batches; with a million groups none ends. */
const cases: readonly Case[] = [
  { groups: 100, shards: 1, size: '20000 seconds', before: 10 },
  { groups: 10_000, shards: 1, size: '20000 seconds', before: 10 },
  { groups: 1_000_000, shards: 16, size: '100 days', before: 100 },
]

export async function benchUnits(): Promise<readonly Figure[]> {
  console.log(
    '\nDynamoDB write units for a million records, batches of 10,000, append mode, and of an item for each group',
  )
  console.log(
    `  ${['open groups', 'shards', 'calls a batch', 'write units', 'an item a group', 'ratio'].map(right).join('')}`,
  )
  const figures: Figure[] = []
  for (const one of cases) {
    const { calls, units, itemUnits } = await measure(one)
    const ratio = itemUnits / units
    const groups = one.groups.toLocaleString('en-US')
    const cells = [groups, one.shards, calls.toFixed(1), whole(units), whole(itemUnits), ratio.toFixed(1)]
    console.log(`  ${cells.map(right).join('')}`)
    figures.push({ name: `times fewer write units: ${groups} open groups`, value: ratio, better: 'higher' })
  }
  return figures
}

const right = (cell: string | number): string => String(cell).padStart(17)
const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

async function measure({ before, ...spreading }: Case) {
  const handler = spreadingHandler({ ...spreading, outputMode: 'append' }, memoryState())
  let calls = 0
  let units = 0
  let itemUnits = 0
  for (let batch = 0; batch < before + millionRecords; batch += 1) {
    const [state] = (await handler(eventOf(batch * batchSize, batchSize))).stateOperators
    if (batch < before || state === undefined) continue
    const { numRowsUpdated, numRowsRemoved, customMetrics } = state
    calls += customMetrics.storeCalls / millionRecords
    units += customMetrics.writeUnits
    itemUnits += numRowsUpdated + 2 * numRowsRemoved + 1 + (numRowsRemoved > 0 ? 1 : 0)
  }
  return { calls, units, itemUnits }
}
