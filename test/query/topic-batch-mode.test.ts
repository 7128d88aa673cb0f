// What a topic batch says of its query, for those who compare it with what a stream printed.
import { expect, test } from 'vitest'
import {
  consoleSink,
  count,
  json,
  type StreamingQuery,
  sessionWindow,
  stream,
  string,
  struct,
  timestamp,
  topicBatch,
  window,
} from '../../lib/index.ts'

const Left = struct({ key: string(), at: timestamp() })
const Right = struct({ key: string(), seen: timestamp() })
const left = stream('q').readKafka({ topic: 'left' }).decode(json(Left)).withWatermark('at', '10 seconds')
const right = stream('q').readKafka({ topic: 'right' }).decode(json(Right)).withWatermark('seen', '10 seconds')
const on = { on: ['key'], within: { after: '30 seconds' } } as const
const sinks = { sinks: [consoleSink()] }

test.each<[string, boolean, StreamingQuery<never>]>([
  ['rows as they come', false, left.writeStream(sinks)],
  [
    'a window, which is known by its columns',
    false,
    left.groupBy(window('at', '3 seconds')).agg({ n: count() }).writeStream(sinks),
  ],
  ['duplicates left out', false, left.dropDuplicates('key').writeStream(sinks)],
  ['a session', true, left.groupBy(sessionWindow('at', '3 seconds'), 'key').agg({ n: count() }).writeStream(sinks)],
  ['a pair', false, left.join(right, on).writeStream(sinks)],
  ['a row that waits for a partner', true, left.join(right, { ...on, type: 'left' }).writeStream(sinks)],
])('%s: whether rows come out later than their records is %s', (_what, isHeld, query) => {
  expect(topicBatch(query).isHeld).toBe(isHeld)
})
