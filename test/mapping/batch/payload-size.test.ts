import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import type { EventOrigin } from '../../../lib/event/kafka-event.ts'
import { type KafkaRow, topicPartition } from '../../../lib/event/kafka-row.ts'
import { envelopeBytes, partitionBytes, recordSize } from '../../../mapping/batch/payload-size.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const rows: fc.Arbitrary<KafkaRow> = fc.record({
  topic: fc.constantFrom('stock-ticks', 'ä "quoted" topic'),
  partition: fc.nat(20),
  offset: fc.nat(Number.MAX_SAFE_INTEGER),
  timestamp: fc.integer({ min: -1, max: 4_102_444_800_000 }),
  timestampType: fc.constantFrom(0 as const, 1 as const, -1 as const),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.record({ key: fc.string({ unit: 'binary' }), value: fc.option(bytes) }), { maxLength: 4 }),
})

const origin: EventOrigin = {
  eventSource: 'aws:kafka',
  eventSourceArn: 'arn:aws:kafka:eu-west-1:000000000000:cluster/demo/local',
  bootstrapServers: 'localhost:9092,localhost:9093',
}

test('the sum of the parts is the length of the JSON', () => {
  fc.assert(
    fc.property(fc.array(rows, { minLength: 1, maxLength: 12 }), (sent) => {
      const partitions = new Map(sent.map((row) => [topicPartition(row), row]))
      let sum = envelopeBytes(origin) - 1
      for (const row of partitions.values()) sum += partitionBytes(row)
      for (const row of sent) sum += recordSize(row.topic)(row)
      expect(sum).toBe(Buffer.byteLength(JSON.stringify(encodeKafkaEvent(origin, sent))))
    }),
  )
})
