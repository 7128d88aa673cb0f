import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCliSettings } from '../../../local/cli/service/settings.ts'
import { openTopic } from '../../../local/kafka/topic-reader.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { readEnvironment } from '../../../mapping/settings/environment.ts'
import { createTopics } from '../topic.ts'
import { read } from './read.ts'
import { alice, type SecuredBroker, startSecuredBroker } from './secured-broker.ts'

let broker: SecuredBroker
const topic = `t-${randomUUID()}`

beforeAll(async () => {
  broker = await startSecuredBroker()
  const client = new Kafka({ brokers: [...broker.plaintext], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  await createTopics(admin, [{ topic, numPartitions: 1 }])
  await producer.send({ topic, messages: [{ value: 'for your eyes' }] })
  await Promise.all([admin.disconnect(), producer.disconnect()])
})

afterAll(() => broker?.stop())

const credentials = { KAFKA_USERNAME: alice.username, KAFKA_PASSWORD: alice.password }

async function expectRead(brokers: readonly string[], variables: Readonly<Record<string, string>>): Promise<void> {
  const { kafkaSecurity } = readEnvironment(variables)
  const { rows } = await read(brokers, topic, ({ rows }) => expect(rows).toHaveLength(1), kafkaSecurity)
  expect(rows[0]?.value?.toString()).toBe('for your eyes')
}

test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('%s by the environment', async (mechanism) => {
  await expectRead(broker.sasl, { ...credentials, KAFKA_SASL_MECHANISM: mechanism })
})

test('TLS with an authority of its own', async () => {
  await expectRead(broker.tls, { KAFKA_SSL_CA: broker.files.certificate })
})

test('TLS with a client certificate', async () => {
  const { certificate, key } = broker.files
  const variables = { KAFKA_SSL_CA: certificate, KAFKA_SSL_CERT: certificate, KAFKA_SSL_KEY: key }
  await expectRead(broker.mutualTls, variables)
})

test('SCRAM over TLS', async () => {
  const variables = { ...credentials, KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SSL_CA: broker.files.certificate }
  await expectRead(broker.saslTls, variables)
})

test('batch and verify read it by the same variables', async () => {
  const { kafkaSecurity: security } = readCliSettings({ ...credentials, KAFKA_SASL_MECHANISM: 'plain' })
  const reader = await openTopic({ brokers: broker.sasl, topic, allowed: noRemoteHosts, security })
  const values: string[] = []
  try {
    const ranges = (await reader.ends()).map(({ partition, earliest, latest }) => ({
      partition,
      from: earliest,
      to: latest,
    }))
    await reader.read(ranges, (rows) => values.push(...rows.map(({ value }) => String(value))))
  } finally {
    await reader.close()
  }
  expect(values).toEqual(['for your eyes'])
})

test('a wrong password is said, without the password, and tried again', async () => {
  const { kafkaSecurity } = readEnvironment({
    KAFKA_SASL_MECHANISM: 'scram-sha-256',
    KAFKA_USERNAME: 'alice',
    KAFKA_PASSWORD: 'guessed-it',
  })
  const isSaid = ({ lines }: { readonly lines: readonly string[] }) =>
    expect(lines.filter((line) => line.startsWith('warning')).join('\n')).toMatch(
      /cannot read .*authentication failed/i,
    )
  const { lines } = await read(broker.sasl, topic, isSaid, kafkaSecurity)
  expect(lines.join('\n')).not.toContain('guessed-it')
})

test('a certificate of an unknown authority is refused, and said', async () => {
  const { kafkaSecurity } = readEnvironment({ KAFKA_SSL: 'true' })
  const { rows } = await read(
    broker.tls,
    topic,
    ({ lines }) => expect(lines.filter((line) => line.startsWith('warning')).join('\n')).toMatch(/certificate/),
    kafkaSecurity,
  )
  expect(rows).toHaveLength(0)
})
