import { describe, expect, test } from 'vitest'
import {
  consoleSink,
  double,
  json,
  kafkaHandler,
  long,
  memoryDeadLetters,
  type Sink,
  stream,
  string,
  struct,
  timestamp,
} from '../../lib/index.ts'
import { anEvent, aRecord, aTick, keepingSink, openingBellMs, recordsOf } from '../builders.ts'

const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
const ticks = stream('tape').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))

const silent = (): void => {}

describe('the tape', () => {
  test('prints every tick of a batch, partition by partition, and numbers its batches', async () => {
    const printed: string[] = []
    const sinks = [consoleSink({ write: (text) => printed.push(text) })]
    const tape = kafkaHandler(ticks.writeStream({ sinks }), { deadLetters: memoryDeadLetters() })
    const rows = [
      aRecord({ partition: 2, offset: 7, value: aTick({ symbol: 'GOOGL', price: 140.25, volume: 700 }) }),
      aRecord(),
    ]
    await tape(anEvent(rows))
    await tape(anEvent([]))
    expect(printed.join('\n')).toBe(
      `-------------------------------------------
Batch: 0 (tape)
-------------------------------------------
+------+------+------+-------------------+
|symbol| price|volume|          timestamp|
+------+------+------+-------------------+
|  AAPL| 150.5|  1000|2026-01-05 14:30:00|
| GOOGL|140.25|   700|2026-01-05 14:30:00|
+------+------+------+-------------------+

-------------------------------------------
Batch: 1 (tape)
-------------------------------------------
+------+-----+------+---------+
|symbol|price|volume|timestamp|
+------+-----+------+---------+
+------+-----+------+---------+
`,
    )
  })

  test('gives every row the coordinates of its record as its id', async () => {
    const sink = keepingSink()
    const tape = kafkaHandler(ticks.writeStream({ sinks: [sink] }), { deadLetters: memoryDeadLetters() })
    await tape(anEvent(recordsOf([aTick(), aTick()], { offset: 40 })))
    expect(sink.batches[0]?.map(({ id }) => id)).toEqual(['stock-ticks-0-40', 'stock-ticks-0-41'])
  })

  test('answers with its progress, in the names of Spark', async () => {
    const times = [0, 2, 4]
    const now = () => openingBellMs + (times.shift() ?? 4)
    const deadLetters = memoryDeadLetters()
    const tape = kafkaHandler(ticks.writeStream({ sinks: [keepingSink()] }), { deadLetters, log: silent, now })
    const progress = await tape(anEvent(recordsOf([aTick(), 'garbage', aTick(), aTick()], { offset: 15 })))
    expect(progress).toEqual({
      name: 'tape',
      timestamp: '2026-01-05T14:30:00.000Z',
      batchId: 0,
      numInputRows: 4,
      processedRowsPerSecond: 1000,
      durationMs: { triggerExecution: 4, decode: 2, addBatch: 2 },
      stateOperators: [],
      sources: [
        {
          description: 'KafkaV2[Subscribe[stock-ticks]]',
          startOffset: { 'stock-ticks': { 0: 15 } },
          endOffset: { 'stock-ticks': { 0: 19 } },
          numInputRows: 4,
        },
      ],
      sink: { description: 'keeping', numOutputRows: 3 },
      numDeadLetters: 1,
      numDroppedMalformed: 0,
      numRowsWithoutEventTime: 0,
    })
  })
})

describe('a bad record', () => {
  const nextYear = aTick({ timestamp: openingBellMs + 365 * 86_400_000 })
  const bad = [
    ['garbage', 'garbage', 'NOT_JSON'],
    ['the wrong shape', '{"symbol":"AAPL"}', 'WRONG_SHAPE'],
    ['bytes that are not UTF-8', Buffer.from([0xff]), 'NOT_UTF8'],
    ['an empty value', '', 'EMPTY'],
    ['a tombstone', null, 'TOMBSTONE'],
    ['a tick from next year', nextYear, 'FROM_THE_FUTURE'],
  ] as const

  test.each(bad)(
    '%s goes to the dead letters with its coordinates and bytes, and the batch goes on',
    async (_, value, reason) => {
      const deadLetters = memoryDeadLetters()
      const sink = keepingSink()
      const lines: object[] = []
      const tape = kafkaHandler(ticks.writeStream({ sinks: [sink] }), {
        deadLetters,
        log: (level, message, fields) => lines.push({ level, message, ...fields }),
      })
      const record = aRecord({ partition: 1, offset: 8, value, headers: [{ key: 'h', value: Buffer.from('x') }] })
      await tape(anEvent([aRecord({ partition: 1, offset: 7 }), record, aRecord({ partition: 1, offset: 9 })]))
      expect(sink.batches[0]?.map(({ id }) => id)).toEqual(['stock-ticks-1-7', 'stock-ticks-1-9'])
      expect(deadLetters.letters).toEqual([
        {
          id: 'stock-ticks-1-8',
          query: 'tape',
          topic: 'stock-ticks',
          partition: 1,
          offset: 8,
          timestamp: record.timestamp,
          reason,
          detail: expect.any(String),
          key: record.key,
          value: record.value,
          headers: record.headers,
        },
      ])
      expect(lines).toEqual([
        expect.objectContaining({
          level: 'WARN',
          message: 'dead letter',
          topic: 'stock-ticks',
          partition: 1,
          offset: 8,
          reason,
        }),
      ])
    },
  )

  test('is counted and left out under the policy "drop"', async () => {
    const deadLetters = memoryDeadLetters()
    const query = stream('q')
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(Tick, { malformed: 'drop' }))
      .writeStream({ sinks: [keepingSink()] })
    const progress = await kafkaHandler(query, { deadLetters })(anEvent(recordsOf(['garbage', aTick()])))
    expect([progress.numDroppedMalformed, progress.sink.numOutputRows, deadLetters.letters]).toEqual([1, 1, []])
  })

  test('fails the batch under the policy "fail", naming the record', async () => {
    const sink = keepingSink()
    const query = stream('q')
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(Tick, { malformed: 'fail' }))
      .writeStream({ sinks: [sink] })
    const run = kafkaHandler(query, { deadLetters: memoryDeadLetters() })(anEvent(recordsOf([aTick(), 'garbage'])))
    await expect(run).rejects.toThrow(
      expect.objectContaining({ code: 'RECORD_MALFORMED', message: expect.stringContaining('stock-ticks-0@1') }),
    )
    expect(sink.batches).toEqual([])
  })
})

describe('the future guard', () => {
  const run = async (
    aheadMs: number,
    options: { maxFuture?: string } = {},
    timestampType: 0 | -1 = 0,
    timestamp: number = openingBellMs,
  ) => {
    const query = ticks.writeStream({ sinks: [keepingSink()], ...options })
    const record = aRecord({
      timestamp,
      timestampType,
      value: aTick({ timestamp: openingBellMs + aheadMs }),
    })
    return (await kafkaHandler(query, { deadLetters: memoryDeadLetters(), log: silent })(anEvent([record])))
      .numDeadLetters
  }

  test('lets through what is at most an hour ahead of its record', async () => {
    expect([await run(3_600_000), await run(3_600_001)]).toEqual([0, 1])
  })
  test('takes another limit, or none', async () => {
    expect([await run(5001, { maxFuture: '5 seconds' }), await run(1e12, { maxFuture: 'off' })]).toEqual([1, 0])
  })
  test.each([
    ['by its type', -1, openingBellMs],
    ["as Java's client shows it", 0, -1],
    ['as an old client sends it', 0, 0],
  ] as const)('has nothing to say of a record without a timestamp, %s', async (_, type, timestamp) => {
    expect(await run(1e12, {}, type, timestamp)).toBe(0)
  })
  test('takes a record timestamp that was given in seconds for such', async () => {
    const seconds = openingBellMs / 1000
    expect([await run(0, {}, 0, seconds), await run(3_600_000, {}, 0, seconds)]).toEqual([0, 0])
    expect(await run(3_600_001, {}, 0, seconds)).toBe(1)
  })
})

describe('all or nothing', () => {
  test('a sink that fails fails the batch, which keeps its number when it comes again', async () => {
    const batchIds: number[] = []
    let fails = true
    const sink: Sink<object> = {
      description: 'flaky',
      async write({ number }) {
        batchIds.push(number)
        if (fails) throw new Error('disk full')
      },
    }
    const tape = kafkaHandler(ticks.writeStream({ sinks: [sink] }), { deadLetters: memoryDeadLetters() })
    await expect(tape(anEvent([aRecord()]))).rejects.toThrow('disk full')
    fails = false
    await tape(anEvent([aRecord()]))
    expect(batchIds).toEqual([0, 0])
  })

  test('dead letters that cannot be kept fail the batch before any row leaves', async () => {
    const sink = keepingSink()
    const deadLetters = { send: () => Promise.reject(new Error('queue away')) }
    const tape = kafkaHandler(ticks.writeStream({ sinks: [sink] }), { deadLetters })
    await expect(tape(anEvent(recordsOf(['garbage', aTick()])))).rejects.toThrow('queue away')
    expect(sink.batches).toEqual([])
  })

  test('a function that throws fails the batch, naming the record, where the query says so', async () => {
    const query = ticks
      .where(() => {
        throw new TypeError('no such field')
      })
      .writeStream({ sinks: [keepingSink()], onFunctionError: 'fail' })
    const run = kafkaHandler(query, { deadLetters: memoryDeadLetters() })(anEvent([aRecord({ offset: 3 })]))
    await expect(run).rejects.toThrow(
      expect.objectContaining({ code: 'FUNCTION_FAILED', message: expect.stringContaining('stock-ticks-0@3') }),
    )
  })

  test('an event of another topic is refused', async () => {
    const tape = kafkaHandler(ticks.writeStream({ sinks: [keepingSink()] }), { deadLetters: memoryDeadLetters() })
    await expect(tape(anEvent([aRecord({ topic: 'orders' })]))).rejects.toThrow('reads the topic stock-ticks')
  })
})
