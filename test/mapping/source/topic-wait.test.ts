import { expect, test } from 'vitest'
import { Closing } from '../../../mapping/source/end-of-source.ts'
import { readStatus } from '../../../mapping/source/read-status.ts'
import { topicExists } from '../../../mapping/source/topic-wait.ts'
import { eventsInto, memoryLog, someSettings } from '../builders.ts'

const brokers = ['localhost:9092']

/** An admin client that knows these topics. */
const looking = (topics: readonly string[], onFailureTopic?: string) => {
  const log = memoryLog()
  const events = eventsInto(log, someSettings())
  const status = readStatus(brokers, events)
  const shared = {
    closing: new Closing(),
    status,
    positions: { topicMissing: () => undefined, lookUp: async () => [] },
  }
  const admin = { listTopics: async () => [...topics] } as unknown as Parameters<typeof topicExists>[0]
  const found = topicExists(admin, { topic: 'ticks', brokers, events, onFailureTopic }, shared, {
    topicMissing: () => undefined,
  })
  return { log, found }
}

test('an on-failure topic that is missing is said at the start, before anything is discarded', async () => {
  const { log, found } = looking(['ticks'], 'failed')
  expect(await found).toBe(true)
  expect(log.lines).toEqual([
    'warning: the on-failure topic failed does not exist on Kafka at localhost:9092: create it, since it is made by nobody, ' +
      'on AWS neither; until then what is discarded is dropped',
  ])
  const there = looking(['ticks', 'failed'], 'failed')
  expect(await there.found).toBe(true)
  expect(there.log.lines).toEqual([])
})

test('a group whose members divide partitions in another way is said with what to change', () => {
  const log = memoryLog()
  const status = readStatus(brokers, eventsInto(log, someSettings()))
  const refused = Object.assign(new Error('incompatible'), { type: 'INCONSISTENT_GROUP_PROTOCOL' })
  status.failed('records', new Error('crashed', { cause: refused }))
  expect(log.lines.join()).toContain('partition.assignment.strategy=range')
})
