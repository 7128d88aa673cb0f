// Reading what may be sent again, whatever is around it; the plan, the marks, and that nothing is sent twice.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProducerRecord } from 'kafkajs'
import { afterAll, describe, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import { deadLetterOf } from '../../../lib/sink/dead-letter.ts'
import { boundedDeadLetterJson, deadLetterJson } from '../../../lib/sink/dead-letter-json.ts'
import { toHandler, toTopic } from '../../../local/redrive/destination.ts'
import { openLedger } from '../../../local/redrive/ledger.ts'
import { parseDocument } from '../../../local/redrive/parse-document.ts'
import { planLine, planned } from '../../../local/redrive/plan.ts'
import { readFiles } from '../../../local/redrive/read-files.ts'
import { type Redrivable, recordPlaces } from '../../../local/redrive/redrivable.ts'
import { loadTransform } from '../../../local/redrive/transform.ts'
import { unwrapped } from '../../../local/redrive/unwrapped.ts'
import type { ReplayTarget } from '../../../local/replay/target.ts'
import {
  type Discarded,
  failureMessage,
  failureObject,
  failureRecord,
} from '../../../mapping/destination/failure-record.ts'
import { aRow } from '../../mapping/builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'microbatch-redrive-'))
afterAll(() => rmSync(folder, { recursive: true }))

const row = aRow({ partition: 1, offset: 17, headers: [{ key: 'trace', value: Buffer.from('a') }] })
const letter = deadLetterOf('bars', row, 'NOT_JSON', 'no tick')
const letterJson = JSON.parse(deadLetterJson(letter))
const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const
const discarded: Discarded = {
  origin,
  rows: [row, aRow({ partition: 2, offset: 4 })],
  condition: 'RetryAttemptsExhausted',
  invokeCount: 3,
  functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
  requestId: '3f2b',
  functionError: 'Unhandled',
  atMs: 1_767_623_400_000,
}

const itemsOf = (value: unknown): Redrivable[] =>
  [...unwrapped(value)].flatMap((document) => parseDocument(document, 'here') ?? [])

describe('reading', () => {
  test('a dead letter is its record, as it was, bytes and headers', () => {
    expect(itemsOf(letterJson)).toEqual([
      {
        ...{ id: 'bars stock-ticks-1-17', where: 'here', reason: 'NOT_JSON', query: 'bars', missing: [] },
        records: [row],
      },
    ])
  })

  test('a batch that a mapping gave up has its records, or their places', () => {
    const [withPayload] = itemsOf(JSON.parse(JSON.stringify(failureObject(discarded))))
    expect(withPayload).toMatchObject({ reason: 'RetryAttemptsExhausted', functionName: 'demo-dev-bars' })
    expect(withPayload?.records).toEqual(discarded.rows)
    const [without] = itemsOf(JSON.parse(JSON.stringify(failureRecord(discarded))))
    expect(without?.missing).toEqual([
      { topic: 'stock-ticks', partition: 1, first: 17, last: 17 },
      { topic: 'stock-ticks', partition: 2, first: 4, last: 4 },
    ])
    expect(recordPlaces(without ?? { records: [], missing: [] })).toBe('stock-ticks-1@17, stock-ticks-2@4')
  })

  test('messages of an on-failure topic are records of their own, though of one request', () => {
    const ids = discarded.rows.flatMap((each) => itemsOf(JSON.parse(JSON.stringify(failureMessage(discarded, each)))))
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2)
  })

  const event = encodeKafkaEvent(origin, [row])
  test.each([
    ['messages of a queue', { Messages: [{ MessageId: 'm', Body: JSON.stringify(letterJson) }] }],
    ['the event of a function behind a queue', { Records: [{ body: JSON.stringify(letterJson) }] }],
    [
      'a notification in a message',
      { Body: JSON.stringify({ Type: 'Notification', Message: JSON.stringify(letterJson) }) },
    ],
    ['an event bus with the result of an invocation', { 'detail-type': 'Lambda', detail: { requestPayload: event } }],
    ['an archived event', { 'detail-type': 'Kafka', detail: event }],
    ['a logger', { level: 'INFO', message: 'Lambda invocation event', event }],
    ['filtered log events', { events: [{ message: `2026-01-05T14:30:00Z INFO ${JSON.stringify({ event })}` }] }],
    ['a line of a log', `2026-01-05T14:30:00Z 3f2b INFO ${JSON.stringify({ message: 'x', event })}`],
    ['a list', [letterJson]],
  ])('the envelope of %s is taken off', (_what, value) => {
    expect(itemsOf(value).flatMap(({ records }) => records)).toEqual([row])
  })

  test('a letter that was cut is read from its topic; one of a group stays', () => {
    const long = deadLetterOf('bars', aRow({ value: Buffer.alloc(300_000, 'x') }), 'VALUE_TOO_LONG', '')
    expect(itemsOf(JSON.parse(boundedDeadLetterJson(long, 64 * 1024)))[0]).toMatchObject({
      records: [],
      missing: [{ topic: 'stock-ticks', partition: 0, first: 0, last: 0 }],
    })
    expect(itemsOf({ ...letterJson, partition: -1, offset: -1 })[0]?.obstacle).toMatch(/of a group, not of a record/)
  })

  test('files are lines, or one document over many; a folder is its files; others are named', async () => {
    const bucket = join(folder, 'bucket')
    mkdirSync(join(bucket, 'aws/lambda'), { recursive: true })
    writeFileSync(join(bucket, 'aws/lambda/object'), JSON.stringify(failureObject(discarded), null, 2))
    writeFileSync(join(bucket, 'letters.ndjson'), `${JSON.stringify(letterJson)}\n\n{"a":1}\n`)
    const { items, others } = await readFiles(bucket)
    expect(items.map(({ where }) => where)).toEqual(['object', 'letters.ndjson:1'])
    expect(others).toEqual(['letters.ndjson:3'])
    writeFileSync(join(folder, 'broken.json'), '{\n"a": [1,\n')
    await expect(readFiles(join(folder, 'broken.json'))).rejects.toThrow(/broken\.json:1: neither JSON/)
  })
})

const [item] = itemsOf(letterJson)
if (item === undefined) throw new Error('no item')
const fresh = { again: false, transform: undefined, oncePerRecord: true }

describe('what was sent', () => {
  test('is marked, and stays; what was begun and not ended stays, too, until it is asked for', async () => {
    const path = join(folder, 'letters.redriven')
    const ledger = openLedger(path)
    const obstacleOf = async (more: Partial<Parameters<typeof planned>[1]> = {}) =>
      (await planned([item], { ledger: openLedger(path), ...fresh, ...more }))[0]?.obstacle
    expect(await obstacleOf()).toBeUndefined()
    ledger.mark(item.id, 'begun', 'to its topic')
    expect(await obstacleOf()).toMatch(/did not come to an end: it may be to its topic already/)
    ledger.mark(item.id, 'failed', 'to its topic')
    expect(await obstacleOf()).toBeUndefined()
    ledger.mark(item.id, 'done', 'to its topic')
    expect(await obstacleOf()).toMatch(/^it was redriven at .* to its topic$/)
    expect(await obstacleOf({ again: true })).toBeUndefined()
    ledger.close()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    // A mark that a crash cut off does not hide those before and after it.
    writeFileSync(path, readFileSync(path, 'utf8').trimEnd().slice(0, -5))
    expect(await obstacleOf()).toBeUndefined()
    const again = openLedger(path)
    again.mark(item.id, 'done', 'to its topic')
    again.close()
    expect(await obstacleOf()).toMatch(/^it was redriven/)
  })

  test('is said in a line before it is done; the same item twice stays once', async () => {
    const plan = await planned([item, item], { ledger: { find: () => undefined }, ...fresh })
    expect(plan.map((each) => planLine(each, 'to its topic'))).toEqual([
      'here  stock-ticks-1@17  NOT_JSON  1 record to its topic',
      'here  stock-ticks-1@17  NOT_JSON  stays: it is here more than once',
    ])
  })
})

describe('a record that several queries set aside', () => {
  const [tapes = item] = itemsOf(JSON.parse(deadLetterJson(deadLetterOf('tape', row, 'NOT_JSON', 'no tick'))))
  const linesOf = async (options: Parameters<typeof planned>[1]) =>
    (await planned([tapes, item], options)).map((each) => planLine(each, 'to its topic'))

  test('goes to its topic once, with the first of their letters, which knows the others', async () => {
    const options = { ledger: { find: () => undefined }, ...fresh }
    expect(await linesOf(options)).toEqual([
      'here  stock-ticks-1@17  NOT_JSON  1 record to its topic',
      'here  stock-ticks-1@17  NOT_JSON  stays: its record goes with here',
    ])
    expect((await planned([tapes, item], options))[0]?.others).toEqual([item])
  })

  test('stays where it was sent with a letter before; it goes to each handler', async () => {
    const done = { id: tapes.id, state: 'done', at: '2026-01-05T14:30:00Z', to: 'to its topic' } as const
    const ledger = { find: (id: string) => (id === tapes.id ? done : undefined) }
    expect((await linesOf({ ...fresh, ledger }))[1]).toMatch(/stays: its record goes with here$/)
    const toEach = { ...fresh, ledger: { find: () => undefined }, oncePerRecord: false }
    expect((await linesOf(toEach))[1]).toMatch(/1 record to its topic$/)
  })
})

describe('a transform', () => {
  const write = (name: string, source: string) => {
    writeFileSync(join(folder, name), source)
    return join(folder, name)
  }

  test('mends a record, makes several of it, or leaves nothing', async () => {
    const mend = await loadTransform(
      write('mend.mjs', "export default (r) => r.offset === 17 ? [{ ...r, value: '{}' }, { value: null }] : undefined"),
    )
    expect((await mend(row)).map(({ value, key }) => [value?.toString(), key?.toString()])).toEqual([
      ['{}', 'AAPL'],
      [undefined, 'AAPL'],
    ])
    const none = { ...item, records: [aRow({ offset: 1 })] }
    const [plan] = await planned([none], { ledger: { find: () => undefined }, ...fresh, transform: mend })
    expect(plan?.obstacle).toBe('the transform leaves nothing of it')
  })

  test('that is none, throws, or gives something else is refused by its name', async () => {
    await expect(loadTransform(join(folder, 'no.mjs'))).rejects.toThrow(/--transform: there is no /)
    await expect(loadTransform(write('not.mjs', 'export const a = 1'))).rejects.toThrow(/is no function/)
    const throwing = await loadTransform(write('throws.mjs', "export default () => { throw new Error('boom') }"))
    await expect(throwing(row)).rejects.toThrow(/threw boom for stock-ticks-1@17/)
    const odd = await loadTransform(write('odd.mjs', 'export default () => ({ value: 5 })'))
    await expect(odd(row)).rejects.toThrow(/neither bytes, text nor null/)
  })
})

describe('sending', () => {
  test('to the topic keeps key, headers and partition, and says which record it was', async () => {
    const sent: ProducerRecord[] = []
    const send = async (record: ProducerRecord) => {
      sent.push(record)
      return []
    }
    await toTopic({ send }, undefined).send(item, item.records)
    await toTopic({ send }, 'mended').send(item, item.records)
    const { key, value } = row
    const headers = { trace: [Buffer.from('a')], 'redriven-from': 'stock-ticks-1@17' }
    expect(sent).toEqual([
      { topic: 'stock-ticks', acks: -1, messages: [{ key, value, headers, partition: 1 }] },
      { topic: 'mended', acks: -1, messages: [{ key, value, headers }] },
    ])
  })

  test('to the handler is the event again; a failure, or a dead letter again, was not taken', async () => {
    const answers = [{ numDeadLetters: 0 }, { numDeadLetters: 1 }]
    const target: ReplayTarget = {
      ...{ name: 'here', restore: async () => undefined, queries: () => [], close: () => undefined },
      invoke: async () =>
        answers.length === 0
          ? { kind: 'failure', message: 'boom' }
          : { kind: 'success', returned: answers.shift(), rows: undefined },
    }
    const destination = toHandler(target, () => 'bars')
    expect(await destination.send(item, item.records)).toBeUndefined()
    expect(await destination.send(item, item.records)).toBe('it is a dead letter again')
    expect(await destination.send(item, item.records)).toBe('boom')
    await expect(destination.send(item, [row, row])).rejects.toThrow(/several records of one offset go to a topic/)
  })
})
