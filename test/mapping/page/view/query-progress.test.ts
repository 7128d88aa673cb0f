import { describe, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../../lib/event/encode.ts'
import {
  consoleSink,
  count,
  json,
  kafkaHandler,
  memoryDeadLetters,
  memoryState,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../../../lib/index.ts'
import { progressOf } from '../../../../mapping/page/view/query-progress.ts'
import { aRow } from '../../builders.ts'

const Tick = struct({ symbol: string(), at: timestamp() })
const value = (at: number) => Buffer.from(JSON.stringify({ symbol: 'AAPL', at }))

/** What a handler of ours returns for two ticks and a record that is no JSON. */
async function answer(): Promise<object> {
  const query = stream('bars')
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick))
    .withWatermark('at', '10 seconds')
    .groupBy(window('at', '3 seconds'), 'symbol')
    .agg({ ticks: count() })
    .writeStream({ outputMode: 'update', sinks: [consoleSink({ write: () => undefined })] })
  const handler = kafkaHandler(query, {
    state: memoryState(),
    deadLetters: memoryDeadLetters(),
    partitions: 1,
    log: () => undefined,
  })
  const rows = [value(1_700_000_000_000), value(1_700_000_004_000), Buffer.from('bad')].map((bytes, offset) =>
    aRow({ offset: offset + 15, value: bytes }),
  )
  return handler(encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, rows))
}

describe('the progress of a query', () => {
  test('is read from what its handler returns', async () => {
    const progress = progressOf(JSON.stringify(await answer()))
    expect(progress).toMatchObject({
      ...{ name: 'bars', inputRows: 3, outputRows: 2, deadLetters: 1, lateRows: 0 },
      from: [{ topic: 'stock-ticks', partition: 0, offset: 15 }],
      latestMs: 1_700_000_004_000,
      heldBackBy: { partition: 'stock-ticks-0', eventTimeMs: 1_700_000_004_000 },
      state: { rows: 2 },
      watermarkMs: null,
    })
  })

  test('is the same where a logger has printed it, with members of its own', async () => {
    const { timestamp: started, ...rest } = { timestamp: '', ...(await answer()) }
    const answered = progressOf(JSON.stringify({ timestamp: started, ...rest }))
    const printed = progressOf(
      JSON.stringify({ level: 'INFO', message: 'batch', timestamp: '2026-01-01T00:00:00Z', ...rest, started }),
    )
    expect(printed?.identity).toBe(answered?.identity)
  })

  test.each([
    '',
    'triggerExecution',
    '{"durationMs":{"triggerExecution":1}}',
    '{"triggerExecution',
    '[1]',
    '{"name":"bars","batchId":"7","numInputRows":1,"durationMs":{"triggerExecution":1},"sources":[{}]}',
    '{"name":"bars","batchId":7,"numInputRows":1,"durationMs":{"triggerExecution":1},"sources":[]}',
  ])('is not in %s', (text) => {
    expect(progressOf(text)).toBeUndefined()
  })

  test('with members that make no sense is what is left of it', () => {
    const odd = {
      ...{
        name: 'bars',
        batchId: 7,
        numInputRows: 1,
        durationMs: { triggerExecution: 1, decode: 'x' },
        sources: [{ startOffset: 3 }],
      },
      eventTime: { watermark: 'yesterday', max: 5, heldBackBy: 3 },
      stateOperators: [{ numRowsTotal: null }],
    }
    expect(progressOf(JSON.stringify(odd))).toMatchObject({
      decodeMs: 0,
      from: [],
      watermarkMs: null,
      latestMs: null,
      state: { rows: 0 },
    })
  })
})
