import { expect, test } from 'vitest'
import { declaredPlaces } from '../../../local/aws/declared.ts'

test('buckets and queues are those of all queries, each once; an ARN is its name', () => {
  const queries = {
    bars: { topic: 'ticks', sinks: { A: { bucket: 'archive' }, B: { queue: 'alerts' } } },
    tape: {
      topic: 'ticks',
      sinks: { A: { bucket: 'archive' }, C: { queue: 'arn:aws:sqs:eu-west-1:123456789012:ordered.fifo' }, D: {} },
    },
    plain: { topic: 'ticks' },
  }
  expect(declaredPlaces(queries)).toEqual({ buckets: ['archive'], queues: ['alerts', 'ordered.fifo'] })
  expect(declaredPlaces({})).toEqual({ buckets: [], queues: [] })
})
