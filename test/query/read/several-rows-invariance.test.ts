// However the records of a topic are cut into batches, delivered again, or met by a new container: each row of each record counts
// once, and what depends on order goes by partition, offset and the row's number. Batch mode over the same records says the same.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import {
  count,
  first,
  json,
  last,
  long,
  maxBy,
  minBy,
  stream,
  string,
  struct,
  sum,
  topicBatch,
} from '../../../lib/index.ts'
import { type TestRecord, testDriver } from '../../../lib/testing/index.ts'
import { aRecord, keepingSink } from '../../builders.ts'

const Item = struct({ key: string(), n: long() })
const query = stream('q')
  .readKafka({ topic: 't' })
  .decode(json(Item, { many: 'array' }))
  .flatMap(({ key, n }) => Array.from({ length: n % 3 }, (_, i) => ({ key, n: n * 10 + i })), {
    key: string(),
    n: long(),
  })
  .where(({ n }) => n % 5 !== 0)
  .groupBy('key')
  .agg({
    rows: count(),
    n: sum('n'),
    first: first('n'),
    last: last('n'),
    least: minBy('n', 'key'),
    most: maxBy('n', 'key'),
  })
  .writeStream({ outputMode: 'complete', sinks: [keepingSink()] })

const message = fc.record({
  partition: fc.nat({ max: 1 }),
  items: fc.array(fc.record({ key: fc.constantFrom('a', 'b'), n: fc.oneof(fc.nat({ max: 50 }), fc.constant('bad')) }), {
    maxLength: 6,
  }),
})

/** Where a batch begins and ends among the records of both partitions, and whether a new container takes it. */
const delivery = fc.record({ from: fc.nat({ max: 12 }), length: fc.nat({ max: 12 }), restarts: fc.boolean() })

test.prop([
  fc.array(message, { minLength: 1, maxLength: 12 }),
  fc.array(delivery, { maxLength: 8 }),
  fc.constantFrom(1, 3),
])('rows of records count once each, in any cut and with any repeats', async (messages, deliveries, shards) => {
  const offsets = [0, 0]
  const records = messages.map(
    ({ partition, items }): TestRecord & { readonly offset: number; readonly partition: number } => {
      const offset = offsets[partition] ?? 0
      offsets[partition] = offset + 1
      return { partition, offset, value: JSON.stringify(items) }
    },
  )
  const whole = topicBatch(query)
  await whole.add(
    records.map(({ partition, offset, value = null }) => aRecord({ topic: 't', partition, offset, value })),
  )
  const expected = whole.result().rows

  const driver = testDriver(query, { partitions: 2, shards })
  // A batch begins, in each partition, at most where the one before has ended: nothing is skipped.
  let reached = 0
  let rows: readonly object[] = []
  for (const { from, length, restarts } of [...deliveries, { from: 12, length: 12, restarts: false }]) {
    const start = Math.min(from, reached)
    const batch = records.slice(start, Math.max(start + length, reached === 0 ? 1 : 0))
    if (batch.length === 0) continue
    if (restarts) await driver.restart()
    rows = (await driver.addRecords(batch)).rows
    reached = Math.max(reached, start + batch.length)
  }
  expect(byKey(rows)).toEqual(byKey(expected))
  expect(byKey((await driver.redeliver()).rows)).toEqual(byKey(expected))
})

/** Groups come in no order that is promised. */
const byKey = (rows: readonly object[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort()
