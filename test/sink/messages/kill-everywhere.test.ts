import { describe, test } from 'vitest'
import { eventBridgeSink } from '../../../lib/sink/messages/event-bridge-sink.ts'
import { sqsSink } from '../../../lib/sink/messages/sqs-sink.ts'
import { checkSink, type FoundRow, type Gate } from '../../../lib/testing/index.ts'
import { expectMeasured } from '../measured.ts'

interface Message {
  readonly MessageBody: string
  readonly MessageAttributes: Readonly<Record<string, { readonly StringValue: string }>>
  readonly MessageDeduplicationId: string
}

describe('killed before, after and paused at every call, a reader by ids has the batch result', () => {
  test.each(['alerts', 'alerts.fifo'])('of the queue %s', async (name) => {
    const findings = await checkSink(async () => {
      const messages: Message[] = []
      const client = (gate: Gate) => ({
        send: (command: never): Promise<unknown> =>
          gate(async () => {
            const { Entries }: { Entries: readonly Message[] } = Reflect.get(command, 'input')
            for (const entry of Entries) {
              // What a FIFO queue does within five minutes (developer guide, "Exactly-once processing in Amazon SQS").
              const known = messages.some(({ MessageDeduplicationId: id }) => id === entry.MessageDeduplicationId)
              if (!known || !name.endsWith('.fifo')) messages.push(entry)
            }
            return { Failed: [] }
          }),
      })
      return {
        sink: (gate) => sqsSink({ queueUrl: `http://localhost/1/${name}`, client: client(gate) }),
        read: async () =>
          messages.map(({ MessageBody, MessageAttributes: { id, version } }): FoundRow => {
            return {
              id: id?.StringValue ?? '',
              version: Number(version?.StringValue ?? 0),
              row: JSON.parse(MessageBody),
            }
          }),
      }
    })
    expectMeasured(name.endsWith('.fifo') ? 'sqsSink, FIFO' : 'sqsSink', findings)
  })

  test('of the bus', async () => {
    const findings = await checkSink(async () => {
      const events: FoundRow[] = []
      const client = (gate: Gate) => ({
        send: (command: never): Promise<unknown> =>
          gate(async () => {
            const { Entries }: { Entries: readonly { readonly Detail: string }[] } = Reflect.get(command, 'input')
            for (const { Detail } of Entries) {
              const { metadata, data } = JSON.parse(Detail)
              events.push({ ...metadata, row: data })
            }
            return { Entries: Entries.map(() => ({ EventId: '1' })) }
          }),
      })
      return { sink: (gate) => eventBridgeSink({ client: client(gate) }), read: async () => events }
    })
    expectMeasured('eventBridgeSink', findings)
  })
})
