import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { encodeKafkaEvent } from '../../lib/event/encode.ts'
import type { EventOrigin } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import { parseKafkaEvent } from '../../lib/event/parse.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const nullableBytes = fc.option(bytes)
const headerKey = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '0', ''))

const metadata = fc.option(
  fc.record({
    dataFormat: fc.constantFrom('AVRO', 'PROTOBUF', 'JSON'),
    schemaId: fc.oneof(fc.nat().map(String), fc.uuid()),
  }),
  { nil: undefined },
)

const origins: readonly EventOrigin[] = [
  { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' },
  { eventSource: 'aws:kafka', eventSourceArn: 'arn:aws:kafka:x', bootstrapServers: 'b-1:9098,b-2:9098' },
]

/** Partitions with ascending, gapped offsets; topics with hyphens and names that plain objects stumble over. */
const rows: fc.Arbitrary<readonly KafkaRow[]> = fc
  .uniqueArray(
    fc.record({
      topic: fc.constantFrom('stock-ticks', 'a-1', '__proto__', 'constructor'),
      partition: fc.nat({ max: 3 }),
      records: fc.array(
        fc.record({
          gap: fc.integer({ min: 1, max: 5 }),
          timestamp: fc.integer({ min: -1, max: 4_102_444_800_000 }),
          timestampType: fc.constantFrom(0 as const, 1 as const, -1 as const),
          key: nullableBytes,
          value: nullableBytes,
          headers: fc.array(fc.record({ key: headerKey, value: nullableBytes }), { maxLength: 4 }),
          keySchemaMetadata: metadata,
          valueSchemaMetadata: metadata,
        }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
    { selector: ({ topic, partition }) => `${topic}-${partition}`, maxLength: 5 },
  )
  .map((partitions) =>
    partitions.flatMap(({ topic, partition, records }) => {
      let offset = -1
      return records.map(({ gap, keySchemaMetadata, valueSchemaMetadata, ...record }) => {
        offset += gap
        return {
          ...{ ...record, topic, partition, offset },
          ...(keySchemaMetadata === undefined ? {} : { keySchemaMetadata }),
          ...(valueSchemaMetadata === undefined ? {} : { valueSchemaMetadata }),
        }
      })
    }),
  )

test.prop([fc.constantFrom(...origins), rows])(
  'what is encoded, sent as JSON and parsed is what it was',
  (origin, sent) => {
    const received: unknown = JSON.parse(JSON.stringify(encodeKafkaEvent(origin, sent)))
    expect(parseKafkaEvent(received)).toEqual({ origin, rows: sent })
  },
)
