// What batches leave among the old objects, printed as bytes of a batch: run with --expose-gc, by young-objects.test.ts. Each batch is of
// a new handler over new state, so that nothing of it is of use afterwards.

import { eventText } from '../../../bench/decode.ts'
import { spreadingHandler } from '../../../bench/state.ts'
import { memoryState } from '../../../lib/index.ts'

const { gc } = globalThis
if (gc === undefined) throw new Error('left-behind.ts needs node --expose-gc')

const text = eventText()
const batch = async () => {
  await spreadingHandler({ groups: 10_000 }, memoryState())(JSON.parse(text))
  // What the batch has awaited is let go in a turn of the loop that comes after it.
  await new Promise((resolve) => setImmediate(resolve))
}
const used = (): number => process.memoryUsage().heapUsed

const warmUp = 40
const measured = 6

for (let i = 0; i < warmUp; i += 1) await batch()
gc()
// The code of the first batch after a full collection is made again.
await batch()
gc({ type: 'minor' })
gc({ type: 'minor' })
const before = used()
for (let i = 0; i < measured; i += 1) {
  await batch()
  gc({ type: 'minor' })
  gc({ type: 'minor' })
}
console.log(Math.round((used() - before) / measured))
