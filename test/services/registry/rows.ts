// What a mapping has delivered of a topic as rows, through the handler that is deployed.

import { expect } from 'vitest'
import type { Codec } from '../../../lib/decode/codec.ts'
import type { KafkaEvent } from '../../../lib/event/kafka-event.ts'
import { kafkaHandler, memoryDeadLetters, stream } from '../../../lib/index.ts'
import { keepingSink } from '../../builders.ts'

export async function rowsOfEvents(
  codec: Codec<object>,
  topic: string,
  events: readonly KafkaEvent[],
): Promise<readonly object[]> {
  const [sink, deadLetters] = [keepingSink(), memoryDeadLetters()]
  const query = stream('events')
    .readKafka({ topic })
    .decode(codec)
    .writeStream({ sinks: [sink], maxFuture: 'off' })
  const handler = kafkaHandler(query, { deadLetters, log: () => undefined })
  for (const event of events) await handler(JSON.parse(JSON.stringify(event)))
  expect(deadLetters.letters.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([])
  return sink.batches.flat().map(({ row }) => ({ ...row }))
}
