import { expect, test } from 'vitest'
import { chaos } from './mapping-chaos/chaos.ts'

test('killed, joined, left, and the broker restarted: nothing is skipped, order holds, no commit is above an unhandled record', async () => {
  const result = await chaos({ records: 20_000, kills: 1, brokerRestarts: 1, say: () => undefined })
  expect(result.handled).toBe(20_000)
  console.log(`chaos: ${result.duplicates} of 20000 handled twice, ${result.invocations} successful invocations`)
}, 180_000)
