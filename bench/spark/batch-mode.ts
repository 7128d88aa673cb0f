// One run of `microbatch batch` over the topic: the same query without state or Lambda, from the start of the process to its end.

import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describeExit, startChild } from '../../local/process/child.ts'
import type { BarSums } from './archive.ts'
import { type Usage, watchProcesses } from './process-tree.ts'

export interface BatchRun {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly window: string
  readonly partitions: number
}

const service = join(import.meta.dirname, 'service')
const cli = join(import.meta.dirname, '../../local/cli/microbatch.cjs')

/** @throws Error where it ends otherwise than well, with its last words */
export async function runBatchMode(
  run: BatchRun,
): Promise<Usage & { readonly seconds: number; readonly sums: BarSums }> {
  const beganMs = performance.now()
  const child = await startChild({
    command: process.execPath,
    // The flag with which `npm run batch` runs it (bootstrap.mjs).
    args: ['--max-semi-space-size=16', cli, 'batch', '--query', 'bars', '--json', '--brokers', run.brokers.join(',')],
    cwd: service,
    env: {
      ...process.env,
      PWD: service,
      TOPIC: run.topic,
      PARTITIONS: String(run.partitions),
      WINDOW: run.window,
      // The file of the service names them; nothing listens there.
      GROUP_ID: 'unused',
      HTTP_PORT: '1',
      LAMBDA_PORT: '2',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const sums = { bars: 0, ticks: 0, lows: 0, highs: 0, volume: 0 }
  const said: string[] = []
  if (child.process.stdout === null) throw new Error('microbatch batch has no output')
  createInterface(child.process.stdout).on('line', (line) => {
    const { ticks, low, high, volume } = JSON.parse(line)
    sums.bars += 1
    sums.ticks += ticks
    sums.lows += low
    sums.highs += high
    sums.volume += volume
  })
  child.process.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const watch = watchProcesses([child.pid])
  const exit = await child.exited
  const usage = await watch.stop()
  if (exit.code !== 0 || sums.bars === 0)
    throw new Error(
      `microbatch batch ended with ${describeExit(exit)} and ${sums.bars} rows:\n${said.join('').slice(-4000)}`,
    )
  return { seconds: (performance.now() - beganMs) / 1000, ...usage, sums: Object.values(sums) }
}
