// The subjects of AWS Glue's registry, over moto's Glue: a schema of a sink's is registered, found, and read back by the codec.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/index.ts'
import { double, string, struct } from '../../../lib/index.ts'
import { glueRegistry } from '../../../lib/registry/index.ts'
import { avroValue } from '../../../lib/sink/encoders/avro-value.ts'
import { type Moto, startMoto } from '../sinks/moto.ts'

let moto: Moto
beforeAll(async () => {
  moto = await startMoto()
}, 300_000)
afterAll(() => moto.stop())

test('a schema of the columns is registered under the name of the topic, found again, and the latest', async () => {
  const credentials = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'laptop', AWS_SECRET_ACCESS_KEY: 'laptop' }
  const registry = glueRegistry({ ...credentials, AWS_ENDPOINT_URL: moto.endpoint })
  const Bar = struct({ symbol: string(), high: double().nullable() })
  const of = { topic: 'bars', part: 'value' } as const
  await expect(avroValue({ registry }).encoder(Bar.columns, of)).rejects.toThrow('has no schema under bars')
  const first = await avroValue({ registry, register: true }).encoder(Bar.columns, of)
  const value = first({ symbol: 'AAPL', high: null })
  // Another container registers the same once more, and a third writes with the latest.
  for (const options of [{ registry, register: true }, { registry }]) {
    const encode = await avroValue(options).encoder(Bar.columns, of)
    expect(encode({ symbol: 'AAPL', high: null })).toEqual(value)
  }
  const given = { format: 'AVRO', schema: (await registry.latest('bars'))?.schema.schema ?? '' } as const
  expect(await registry.find('bars', given)).toBe((await registry.latest('bars'))?.id)
  const codec = avro(Bar, { registry })
  const record = {
    topic: 'bars',
    partition: 0,
    offset: 0,
    timestamp: 0,
    timestampType: 0,
    headers: [],
    key: null,
    value,
  } as const
  await codec.prepare?.([record])
  expect(codec.decode(record)).toEqual({ kind: 'row', row: { symbol: 'AAPL', high: null } })
})
