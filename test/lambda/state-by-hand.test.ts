import { expect, test } from 'vitest'
import { stateByHand } from '../../lib/lambda/state-by-hand.ts'

test('it is memory, and says so once, when it is first asked', async () => {
  const said: string[] = []
  const store = stateByHand((line) => said.push(line))
  expect(said).toEqual([])
  const item = { pk: 'p', sk: 's', rev: '1', body: new Uint8Array([1]) }
  expect(await store.get(item)).toBeUndefined()
  expect(await store.put(item, null)).toEqual({ kind: 'ok' })
  expect(await store.get(item)).toEqual(item)
  expect(said).toEqual([expect.stringMatching(/^Invoked by hand: over empty state in memory.*STATE=dynamodb/)])
})
