import { expect, test, vi } from 'vitest'
import { openTopic } from '../../../local/kafka/topic-reader.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { type KafkaClientsOptions, kafkaClients } from '../../../mapping/source/kafka-clients.ts'

// A real Kafka cannot be made to connect and then fail to list its topics at the same spot each time.
vi.mock(import('../../../mapping/source/kafka-clients.ts'), { spy: true })

const where = { brokers: ['localhost:9092'], topic: 'stock-ticks', allowed: noRemoteHosts }

const { kafkaClients: realClients } = await vi.importActual<typeof import('../../../mapping/source/kafka-clients.ts')>(
  '../../../mapping/source/kafka-clients.ts',
)

function adminThat(listTopics: () => Promise<string[]>) {
  const given: KafkaClientsOptions[] = []
  const disconnect = vi.fn(async () => undefined)
  vi.mocked(kafkaClients).mockImplementation((options) => {
    given.push(options)
    const clients = realClients(options)
    Object.assign(clients.admin, { connect: async () => undefined, listTopics, disconnect })
    return clients
  })
  return { disconnect, given }
}

test.each([
  ['fails to list its topics', () => Promise.reject(new Error('no leader')), /did not answer: no leader/],
  ['has no such topic', async () => ['other'], /has no topic stock-ticks/],
])('a Kafka that %s is left again, so that the process can end', async (_what, listTopics, message) => {
  const { disconnect } = adminThat(listTopics)
  await expect(openTopic(where)).rejects.toThrow(message)
  expect(disconnect).toHaveBeenCalledOnce()
})

test('credentials are handed on', async () => {
  const { given } = adminThat(async () => ['stock-ticks'])
  const security = { sasl: { mechanism: 'plain', username: 'alice', password: 'secret' } } as const
  const reader = await openTopic({ ...where, security })
  await reader.close()
  expect(given.map((options) => options.security)).toEqual([security])
})
