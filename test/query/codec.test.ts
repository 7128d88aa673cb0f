import { describe, expect, test } from 'vitest'
import {
  type Codec,
  decoded,
  double,
  type Infer,
  kafkaHandler,
  type MalformedPolicy,
  malformed,
  memoryDeadLetters,
  stream,
  string,
  struct,
  topicBatch,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { anEvent, aRecord, keepingSink } from '../builders.ts'

const Quote = struct({ symbol: string(), price: double() })
type Quote = Infer<typeof Quote>

/** `AAPL;150.5`, with the currency in a header; `boom` throws. */
const quotes = (policy: MalformedPolicy = 'deadLetter'): Codec<Quote> => ({
  schema: Quote,
  malformed: policy,
  decode({ value, headers }) {
    const text = value?.toString('utf8') ?? ''
    if (text === 'boom') throw new RangeError('byte 7 is beyond the end')
    if (headers.some(({ key }) => key === 'trade')) return malformed('NOT_A_QUOTE', 'a trade')
    const [symbol = '', price] = text.split(';')
    return decoded({ symbol, price: Number(price) })
  },
})

const query = (codec: Codec<Quote>, sink = keepingSink()) =>
  stream('quotes')
    .readKafka({ topic: 'quotes' })
    .decode(codec)
    .writeStream({ sinks: [sink] })

describe('a codec of one’s own', () => {
  test('that throws has coordinates, under each policy and in batch mode', async () => {
    const records = [{ value: 'AAPL;1' }, { value: 'boom', partition: 2, offset: 7 }]
    const { rows, deadLetters } = await testDriver(query(quotes())).addRecords(records)
    expect(rows).toHaveLength(1)
    expect(deadLetters).toMatchObject([
      { id: 'quotes-2-7', partition: 2, offset: 7, reason: 'CODEC_FAILED', detail: 'byte 7 is beyond the end' },
    ])
    await expect(testDriver(query(quotes('fail'))).addRecords(records)).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
      message: expect.stringContaining('quotes-2@7 is bad (CODEC_FAILED: byte 7 is beyond the end)'),
      at: { topic: 'quotes', partition: 2, offset: 7 },
    })
    const batch = topicBatch(query(quotes()))
    await batch.add([aRecord({ topic: 'quotes', partition: 2, offset: 7, value: 'boom' })])
    expect(batch.result().firstBad).toEqual(['quotes-2@7: CODEC_FAILED (byte 7 is beyond the end)'])
  })

  test('whose reasons and details are no words makes dead letters that every sink takes', async () => {
    const reasons = ['', 'x'.repeat(500), '\u0007\ud800', undefined, 7, {}]
    const odd = (reason: unknown) => ({
      ...quotes(),
      decode: () => ({ kind: 'malformed', reason, detail: reason }) as never,
    })
    for (const reason of reasons) {
      const { deadLetters } = await testDriver(query(odd(reason))).addRecords([{ value: 'x' }])
      expect(deadLetters).toHaveLength(1)
      expect(deadLetters[0]?.reason).toMatch(/^[\w\ufffd]{1,64}$/)
      expect(typeof deadLetters[0]?.detail).toBe('string')
    }
  })

  test('is given the whole record, and may have reasons of its own', async () => {
    const { rows, deadLetters } = await testDriver(query(quotes())).addRecords([
      { value: 'AAPL;150.5' },
      { value: 'AAPL;150.5', headers: [{ key: 'trade', value: null }] },
    ])
    expect(rows).toEqual([{ symbol: 'AAPL', price: 150.5 }])
    expect(deadLetters).toMatchObject([{ offset: 1, reason: 'NOT_A_QUOTE', detail: 'a trade' }])
  })

  test('prepares once for each batch, before its first record is decoded', async () => {
    const calls: string[] = []
    const codec: Codec<Quote> = {
      ...quotes(),
      async prepare(records) {
        calls.push(`prepare ${records.map(({ partition }) => partition).join(' ')}`)
      },
      decode({ partition }) {
        calls.push(`decode ${partition}`)
        return decoded({ symbol: 'AAPL', price: 1 })
      },
    }
    const driver = testDriver(query(codec))
    await driver.addRecords([{ partition: 1 }, { partition: 0 }])
    await driver.addRecords([{ partition: 2 }])
    expect(calls).toEqual(['prepare 0 1', 'decode 0', 'decode 1', 'prepare 2', 'decode 2'])
    const batch = topicBatch(query(codec))
    await batch.add([aRecord()])
    expect(calls.slice(5)).toEqual(['prepare 0', 'decode 0'])
  })

  test('that cannot prepare fails the batch, which comes again', async () => {
    let isDown = true
    const codec: Codec<Quote> = {
      ...quotes(),
      async prepare() {
        if (isDown) throw new Error('the registry is down')
      },
    }
    const sink = keepingSink()
    const driver = testDriver(query(codec, sink))
    await expect(driver.addRecords([{ value: 'AAPL;1' }])).rejects.toMatchObject({
      code: 'PREPARE_FAILED',
      message: expect.stringMatching(/^quotes: .*comes again: the registry is down$/),
    })
    isDown = false
    expect(await driver.redeliver()).toMatchObject({ rows: [{ symbol: 'AAPL', price: 1 }] })
    expect(sink.batches).toHaveLength(1)
  })
})

describe('a codec that throws has met a bad record', () => {
  const records = [
    aRecord({ topic: 'quotes', value: 'AAPL;1' }),
    aRecord({ topic: 'quotes', value: 'boom', offset: 1 }),
    aRecord({ topic: 'quotes', value: 'AAPL;2', offset: 2 }),
  ]
  const run = async (codec: Codec<Quote>) => {
    const deadLetters = memoryDeadLetters()
    const handler = kafkaHandler(query(codec), { deadLetters, log: () => undefined })
    return { progress: await handler(anEvent(records)), letters: deadLetters.letters }
  }

  test('which is set aside with its coordinates and the text of the error', async () => {
    const { progress, letters } = await run(quotes())
    expect(progress.sink.numOutputRows).toBe(2)
    expect(letters).toMatchObject([
      { topic: 'quotes', partition: 0, offset: 1, reason: 'CODEC_FAILED', detail: 'byte 7 is beyond the end' },
    ])
  })

  test('which is counted where the policy is to drop', async () => {
    const { progress, letters } = await run(quotes('drop'))
    expect(progress).toMatchObject({ numDroppedMalformed: 1, numDeadLetters: 0 })
    expect(letters).toEqual([])
  })

  test('which fails the batch, under its name, where the policy is to fail', async () => {
    await expect(run(quotes('fail'))).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
      at: { topic: 'quotes', partition: 0, offset: 1 },
      message: expect.stringContaining('CODEC_FAILED: byte 7 is beyond the end'),
    })
  })

  test.each([undefined, null, 7, Promise.resolve()])('and so has one that answers with %s', async (answer) => {
    const { letters } = await run({ ...quotes(), decode: () => answer as never })
    expect(letters.map(({ reason }) => reason)).toEqual(['CODEC_FAILED', 'CODEC_FAILED', 'CODEC_FAILED'])
  })
})
