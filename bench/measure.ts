// How this project measures: the contestants of one table run alternately in one process, round after round, and the
// medians are compared. A figure of another run, or of another machine, is not comparable.

import { Bench } from 'tinybench'
import type { Figure } from './baseline.ts'

export interface Contestant {
  readonly name: string
  readonly run: () => unknown
}

const rounds = 5

/**
 * Prints records per second for each contestant, and its ratio to the first one, the floor.
 * @param records how many records one run of a contestant handles
 * @returns the ratios, but the floor's own
 */
export async function compare(
  title: string,
  records: number,
  contestants: readonly Contestant[],
): Promise<readonly Figure[]> {
  const medians = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    const bench = new Bench({ time: 200, iterations: 3, warmupTime: 50, warmupIterations: 1 })
    for (const { name, run } of contestants) bench.add(name, run)
    for (const task of await bench.run()) {
      if (task.result.state !== 'completed')
        throw new Error(`${task.name}: ${task.result.state}`, { cause: task.result })
      medians.get(task.name)?.push(task.result.latency.p50)
    }
  }
  const rows = Array.from(medians, ([name, latencies]) => ({ name, perSecond: records / (median(latencies) / 1000) }))
  const floor = rows[0]?.perSecond ?? Number.NaN
  console.log(`\n${title}`)
  for (const { name, perSecond } of rows) {
    const count = Math.round(perSecond).toLocaleString('en-US').padStart(12)
    console.log(`  ${name.padEnd(48)}${count} records/s   ${(perSecond / floor).toFixed(2)} of the floor`)
  }
  return rows.slice(1).map(({ name, perSecond }) => ({ name, value: perSecond / floor, better: 'higher' }))
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
