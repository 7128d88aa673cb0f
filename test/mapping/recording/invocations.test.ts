import { expect, test } from 'vitest'
import { EventPayload } from '../../../mapping/batch/event-payload.ts'
import type { MappingEventBody } from '../../../mapping/events/mapping-event.ts'
import { RecordList } from '../../../mapping/events/record-list.ts'
import { recordInvocations } from '../../../mapping/recording/invocations.ts'
import type { NewInvocation } from '../../../mapping/recording/recording.ts'
import { memoryLog, rowsFrom } from '../builders.ts'

const mapping = { functionKey: 'bars', topic: 'stock-ticks', consumerGroupId: 'g' }
const rows = rowsFrom(0, [5, 6, 7])
const answered = {
  records: new RecordList(rows),
  reason: 'size',
  payloadBytes: 10,
  filteredOut: 0,
  attempt: 2,
  startedAtMs: 1_767_623_400_000,
  durationMs: 1.23456,
  answer: '{"a":1}',
  payload: new EventPayload({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, rows),
} as const

function recorded(...events: readonly MappingEventBody[]): NewInvocation[] {
  const lines: NewInvocation[] = []
  const listen = recordInvocations({ append: (line) => void lines.push(line) }, 'it', memoryLog())
  for (const event of events) listen({ ...event, mapping })
  return lines
}

test('an invocation that succeeded is a line with its event, why it closed, and its answer', () => {
  expect(recorded({ kind: 'invocationSucceeded', ...answered }, { kind: 'stopped' })).toEqual([
    {
      at: '2026-01-05T14:30:00.000Z',
      ...{ function: 'bars', reason: 'size', attempt: 2, outcome: 'success', durationMs: 1.235, returned: { a: 1 } },
      event: answered.payload.event,
    },
  ])
})

test('one that failed is a line with its reason; of a partial answer the line says which records failed', () => {
  const failed = { failedCount: 1, retries: [], discardedCount: 0, isStopping: false } as const
  const lines = recorded(
    {
      ...{ kind: 'invocationFailed', ...answered, ...failed, answer: '' },
      ...{ failure: 'functionError', message: 'boom', failed: answered.records },
    },
    {
      ...{ kind: 'invocationFailed', ...answered, ...failed, answer: 'not JSON' },
      ...{ failure: 'itemFailures', message: '2 reported as failed', failed: new RecordList(rows.slice(1)) },
    },
  )
  expect(lines[0]).toMatchObject({ outcome: 'failure', message: 'boom' })
  expect(lines[0]).not.toHaveProperty('returned')
  expect(lines[1]).toMatchObject({ outcome: 'partial', failedFrom: { 'stock-ticks-0': 6 }, returned: 'not JSON' })
})

test('an attempt that did not reach the function is no invocation', () => {
  const failed = {
    failed: answered.records,
    failedCount: 3,
    retries: [],
    discardedCount: 0,
    isStopping: false,
  } as const
  const body = { ...answered, ...failed, kind: 'invocationFailed', answer: '', message: '' } as const
  expect(recorded({ ...body, failure: 'throttled' }, { ...body, failure: 'unavailable' })).toEqual([])
})

test('a line that cannot be written is said, and stops nothing', () => {
  const log = memoryLog()
  const append = () => {
    throw new Error('no room')
  }
  recordInvocations({ append }, 'the recording a', log)({ kind: 'invocationSucceeded', ...answered, mapping })
  expect(log.lines).toEqual(['error: the recording a lacks a batch of bars: Error: no room'])
})
