import { expect, test } from 'vitest'
import { stateChaos } from './state-chaos/chaos.ts'

test('processes over DynamoDB Local, killed, throttled and cut off, give exactly the bars of batch mode', async () => {
  const result = await stateChaos({ mode: 'update', shards: 3, records: 5_000, workers: 3, seed: 3 })
  expect(result.ids).toBeGreaterThan(500)
  expect(result.faults).toBeGreaterThan(10)
  console.log(
    `state chaos: ${result.acknowledged} batches, ${result.kills} kills, ${result.faults} faults of the network`,
  )
}, 180_000)
