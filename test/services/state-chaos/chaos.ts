// The state protocol on Amazon's DynamoDB Local: several containers in processes of their own, four partitions, kill -9, batches that
// are given up and run on, a network that throttles and cuts. Afterwards every sum must be the one of batch mode.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaRow } from '../../../lib/index.ts'
import { withTable } from '../../state/dynamo-table.ts'
import { seeded } from '../../state/schedule/random.ts'
import { type DynamoDbLocal, startDynamoDbLocal } from '../dynamodb-local/server.ts'
import { checkEmitted, type EmittedRows } from './emitted-rows.ts'
import { type DeliveryCounts, deliverAll } from './mapping.ts'
import { startFaultyProxy } from './proxy.ts'
import { chaosTopic, expectedBars } from './query.ts'
import { workerPool } from './worker-pool.ts'

export interface StateChaosOptions {
  readonly mode: 'append' | 'update'
  readonly shards: number
  readonly records: number
  readonly workers: number
  readonly seed: number
  readonly onProgress?: (done: number) => void
}

export interface StateChaosResult extends DeliveryCounts, EmittedRows {
  readonly faults: number
  readonly seconds: number
}

/** @throws Error that says what is wrong and where what the sinks were given lies */
export async function stateChaos(options: StateChaosOptions): Promise<StateChaosResult> {
  const { mode, records, seed } = options
  const topic = chaosTopic(seed, records)
  const folder = mkdtempSync(join(tmpdir(), `microbatch-state-chaos-${mode}-`))
  const sinks = join(folder, 'sinks')
  mkdirSync(sinks)
  const dynamodb = await startDynamoDbLocal()
  try {
    const delivered = await delivering(dynamodb, topic, sinks, options)
    const emitted = checkEmitted(mode, sinks, expectedBars(topic))
    rmSync(folder, { recursive: true })
    return { ...delivered, ...emitted }
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw new Error(`${mode}, seed ${seed}: ${what}. What the sinks were given is in ${sinks}.`, { cause: error })
  } finally {
    await dynamodb.stop()
  }
}

async function delivering(
  dynamodb: DynamoDbLocal,
  topic: readonly (readonly KafkaRow[])[],
  folder: string,
  { mode, shards, workers, seed, onProgress = () => undefined }: StateChaosOptions,
): Promise<DeliveryCounts & { readonly faults: number; readonly seconds: number }> {
  const table = `state-${mode}`
  const { stop: closeClient } = await withTable(dynamodb.endpoint, table, async () => undefined)
  const proxy = await startFaultyProxy(dynamodb.endpoint, seeded(seed + 1))
  const pool = workerPool({ size: workers, mode, shards, endpoint: proxy.endpoint, table, folder })
  const beganAtMs = performance.now()
  try {
    const counts = await deliverAll({ topic, pool, random: seeded(seed + 2), onProgress })
    const faults = [...proxy.faults.values()].reduce((sum, count) => sum + count, 0)
    return { ...counts, faults, seconds: (performance.now() - beganAtMs) / 1000 }
  } finally {
    await pool.stop()
    await proxy.stop()
    await closeClient()
  }
}
