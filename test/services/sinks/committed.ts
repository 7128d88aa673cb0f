// What a reader of committed records finds in a topic of one partition, from its beginning.
import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'

export interface CommittedMessage {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, unknown>>
}

/** What a reader of committed records has, up to a message that is sent now; an open transaction would hold it up. */
export async function committed(brokers: readonly string[], topic: string): Promise<readonly CommittedMessage[]> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const [producer, consumer] = [
    kafka.producer(),
    kafka.consumer({ groupId: `g-${randomUUID()}`, readUncommitted: false }),
  ]
  await Promise.all([producer.connect(), consumer.connect()])
  const end = `end-${randomUUID()}`
  await producer.send({ topic, messages: [{ key: end, value: null }] })
  await consumer.subscribe({ topic, fromBeginning: true })
  const found: CommittedMessage[] = []
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message: { key, value, headers = {} } }) => {
        if (String(key) === end) return resolve()
        found.push({ key, value, headers })
      },
    })
  })
  await Promise.all([producer.disconnect(), consumer.disconnect()])
  return found
}
