// An event of a mapping with a schema registry, in source format, through the handler: rows by the metadata, and bad records with it.

import { expect, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/avro.ts'
import { kafkaHandler, memoryDeadLetters, stream, string, struct } from '../../../lib/index.ts'
import { memoryRegistry, type SchemaRegistry } from '../../../lib/registry/schema-registry.ts'
import { deadLetterJson } from '../../../lib/sink/dead-letter-json.ts'
import { anEvent, aRecord, keepingSink } from '../../builders.ts'

const schema = { type: 'record', name: 'T', fields: [{ name: 'symbol', type: 'string' }] }
const registry = memoryRegistry({ 7: { format: 'AVRO', schema: JSON.stringify(schema) } })
const valueSchemaMetadata = { dataFormat: 'AVRO', schemaId: '7' }
const record = (offset: number, bytes: readonly number[]) => ({
  ...aRecord({ offset, value: Buffer.from(bytes) }),
  valueSchemaMetadata,
})

function handlerOf(of: SchemaRegistry) {
  const [sink, deadLetters] = [keepingSink(), memoryDeadLetters()]
  const codec = avro(struct({ symbol: string() }), { registry: of })
  const query = stream('trades')
    .readKafka({ topic: 'stock-ticks' })
    .decode(codec)
    .writeStream({ sinks: [sink] })
  const handler = kafkaHandler(query, { deadLetters, log: () => undefined })
  return { handler, letters: deadLetters.letters, rows: () => sink.batches.flat().map(({ row }) => ({ ...row })) }
}

test('a value is read by the schema that the event names; a dead letter names it, too', async () => {
  const { handler, letters, rows } = handlerOf(registry)
  await handler(JSON.parse(JSON.stringify(anEvent([record(0, [2, 65]), record(1, [8, 65])]))))
  expect(rows()).toEqual([{ symbol: 'A' }])
  expect(letters).toMatchObject([{ id: 'stock-ticks-0-1', reason: 'NOT_AVRO', valueSchemaMetadata }])
  expect(letters.map((letter) => JSON.parse(deadLetterJson(letter)).valueSchemaMetadata)).toEqual([valueSchemaMetadata])
})

test('while the registry gives no answer the batch fails, and nothing is lost', async () => {
  let isDown = true
  const { handler, letters, rows } = handlerOf({
    ...registry,
    schema: async (id) => {
      if (isDown) throw new Error('connection refused')
      return registry.schema(id)
    },
  })
  const event = anEvent([record(0, [2, 65])])
  await expect(handler(event)).rejects.toMatchObject({
    code: 'PREPARE_FAILED',
    message: expect.stringContaining('gave no answer for schema 7: connection refused'),
  })
  isDown = false
  await handler(event)
  expect([rows(), letters]).toEqual([[{ symbol: 'A' }], []])
})
