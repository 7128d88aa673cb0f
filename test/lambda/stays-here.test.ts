// Nothing that a handler makes on a laptop dials another machine, seen from the socket: a server that must get no connection. It is
// named 0.0.0.0, which reaches it and is no loopback address.
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { kafkaConnection } from '../../lib/kafka/connection.ts'
import { fromEnvironment, producerFromEnvironment } from '../../lib/lambda/index.ts'
import { awsServer, credentials } from '../kafka/aws-server.ts'

let elsewhere: Server
let connections: number
let port: number

beforeEach(async () => {
  connections = 0
  elsewhere = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening')
  const address = elsewhere.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  elsewhere.close()
})

const letter = {
  ...{ id: 't-0-1', query: 'q', topic: 't', partition: 0, offset: 1, timestamp: 1, reason: 'NOT_JSON', detail: '' },
  ...{ key: null, value: Buffer.from('SECRET'), headers: [] },
} as const
const place = { TOPIC: 't', PARTITIONS: '1' }

test.each([{}, { AWS_LAMBDA_RUNTIME_API: 'x', IS_OFFLINE: 'true' }, { AWS_LAMBDA_RUNTIME_API: 'x', IS_LOCAL: 'true' }])(
  'a queue of the shell gets no record: it is refused before anything is dialled, %j',
  (where) => {
    const environment = { ...place, ...where, DEAD_LETTER_QUEUE_URL: `http://0.0.0.0:${port}/1/q` }
    expect(() => fromEnvironment(environment)).toThrow(`ALLOW_REMOTE=0.0.0.0`)
    expect(connections).toBe(0)
  },
)

test('a queue of this machine is dialled, with no account of the user, whatever endpoint the shell names', async () => {
  await using emulator = await awsServer(() => ({ body: { Successful: [] } }))
  for (const [name, value] of Object.entries({ ...credentials, AWS_ENDPOINT_URL: `http://0.0.0.0:${port}` }))
    vi.stubEnv(name, value)
  const DEAD_LETTER_QUEUE_URL = `${emulator.environment.AWS_ENDPOINT_URL}/000000000000/bad`
  await fromEnvironment({ ...place, DEAD_LETTER_QUEUE_URL }).deadLetters.send([letter])
  expect(connections).toBe(0)
  expect(emulator.asked).toHaveLength(1)
  expect(emulator.asked[0]?.headers.authorization).toMatch(/Credential=laptop\//)
})

test('an address that a broker advertises is not dialled by the producer, and is said once', async () => {
  const said = vi.spyOn(console, 'error').mockReturnValue(undefined)
  const { kafka } = producerFromEnvironment({ TOPIC: 't', KAFKA_BROKERS: 'localhost:9092' })
  const { socketFactory } = await kafkaConnection(kafka, {})
  // Its types want TLS, which kafkajs leaves out for a Kafka in the clear.
  const plain = { port, onConnect: () => undefined } as Parameters<NonNullable<typeof socketFactory>>[0]
  const dial = (host: string) => socketFactory?.({ ...plain, host })
  expect(() => dial('0.0.0.0')).toThrow('ALLOW_REMOTE=0.0.0.0')
  expect(() => dial('0.0.0.0')).toThrow('which a broker advertises')
  expect(said).toHaveBeenCalledOnce()
  expect(connections).toBe(0)
  const socket = dial('127.0.0.1')
  if (socket === undefined) throw new Error('no socket factory')
  await once(socket, 'close')
  expect(connections).toBe(1)
})

test('a Kafka elsewhere is refused by name, and on Lambda it is not', async () => {
  const far = { TOPIC: 't', KAFKA_BROKERS: 'broker.example:9092' }
  await expect(kafkaConnection(producerFromEnvironment(far).kafka, {})).rejects.toThrow('ALLOW_REMOTE=broker.example')
  const allowed = producerFromEnvironment({ ...far, ALLOW_REMOTE: 'broker.example' })
  await expect(kafkaConnection(allowed.kafka, {})).resolves.toMatchObject({ brokers: ['broker.example:9092'] })
  const deployed = producerFromEnvironment({ ...far, AWS_LAMBDA_RUNTIME_API: 'x' })
  expect(await kafkaConnection(deployed.kafka, {})).toEqual({ brokers: ['broker.example:9092'] })
})

test('neither MSK nor the secrets are asked with the credentials of the shell', async () => {
  const iam = { KAFKA_AUTH: 'iam', KAFKA_CLUSTER_ARN: 'arn:aws:kafka:eu-west-1:1:cluster/a/b' }
  const environment = { ...credentials, AWS_ENDPOINT_URL: `http://0.0.0.0:${port}` }
  for (const auth of [iam, { KAFKA_AUTH: 'plain', KAFKA_CREDENTIALS: 'arn:aws:secretsmanager:eu-west-1:1:secret:s' }]) {
    const { kafka } = producerFromEnvironment({ TOPIC: 't', ...auth })
    await expect(kafkaConnection(kafka, environment)).rejects.toThrow('ALLOW_REMOTE=0.0.0.0')
  }
  expect(connections).toBe(0)
})
