import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTopics } from '../topic.ts'
import { type ProduceJob, produce } from './produce.ts'
import { read } from './read.ts'

const brokers = inject('brokers')
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const bytes = (...values: readonly number[]): Buffer => Buffer.from(values)

/** Some compress well, some hardly, one is larger than a block of LZ4 or a chunk of snappy-java. */
const bodies: readonly Buffer[] = Array.from({ length: 300 }, (_, index) => {
  if (index === 150) return Buffer.alloc(200_000, 'a long value that repeats itself; ')
  const noise = Array.from({ length: index }, (__, at) => (at * at * 31 + index * 7) % 251)
  return Buffer.from(`${JSON.stringify({ symbol: `S${index % 7}`, price: 100 + index / 7, index })}${String(noise)}`)
})

const strange = [
  { key: null, value: null },
  { key: bytes(), value: bytes() },
  { key: bytes(0xff, 0x00), value: null },
  { key: null, value: bytes(0x00, 0x80, 0xff) },
  {
    key: null,
    value: Buffer.from('headers'),
    headers: [
      ['a', bytes(0xff, 0x80, 0x7f, 0x00)],
      ['b', bytes()],
      ['a', null],
      ['', Buffer.from('no name')],
      ['7', Buffer.from('seven')],
      ['__proto__', Buffer.from('p')],
      ['Straße', Buffer.from('ü')],
      ['a', Buffer.from('third')],
    ] as const,
  },
]

const large = Buffer.alloc(5 * 1024 * 1024, 'large ')
/** Ten keys are each written 40 times: compaction leaves the last of each, in the first segment at least. */
const updates = Array.from({ length: 400 }, (_, index) => ({
  key: Buffer.from(`k${index % 10}`),
  value: Buffer.from(String(index)),
}))

let admin: Admin
const names = { strange: `t-${randomUUID()}`, large: `t-${randomUUID()}`, compacted: `t-${randomUUID()}` }
const codecTopic = Object.fromEntries(codecs.map((codec) => [codec, `t-${codec}-${randomUUID()}`]))

beforeAll(async () => {
  admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const config = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([name, value]) => ({ name, value }))
  await createTopics(admin, [
    ...Object.values(codecTopic).map((topic) => ({ topic, numPartitions: 1 })),
    { topic: names.strange, numPartitions: 1 },
    { topic: names.large, numPartitions: 1, configEntries: config({ 'max.message.bytes': '8000000' }) },
    {
      topic: names.compacted,
      numPartitions: 1,
      configEntries: config({
        'cleanup.policy': 'compact',
        'min.cleanable.dirty.ratio': '0.001',
        'segment.bytes': String(1024 * 1024),
        'segment.ms': '100',
        'delete.retention.ms': '100',
      }),
    },
  ])
  const batching = { 'linger.ms': '200', 'batch.size': '500000' }
  const jobs: ProduceJob[] = [
    { topic: names.compacted, config: batching, records: updates },
    ...codecs.map((codec) => ({
      topic: codecTopic[codec] ?? '',
      config: { ...batching, 'compression.type': codec },
      records: bodies.map((value) => ({ value })),
    })),
    { topic: names.strange, config: { 'linger.ms': '200', 'compression.type': 'lz4' }, records: strange },
    {
      topic: names.large,
      config: { 'max.request.size': '8000000', 'compression.type': 'snappy' },
      records: [{ value: Buffer.from('before') }, { value: large }, { value: Buffer.from('after') }],
    },
    // A later segment, so that the one before is no longer the active one, which is never compacted.
    { topic: names.compacted, config: {}, records: [{ key: Buffer.from('last'), value: Buffer.from('last') }] },
  ]
  await produce(brokers, jobs)
})

afterAll(() => admin.disconnect())

test.each(codecs)(
  'a topic written by the Java producer with compression %s is read as it was written',
  async (codec) => {
    const topic = codecTopic[codec] ?? ''
    const { rows, position } = await read(brokers, topic, ({ rows }) => expect(rows).toHaveLength(bodies.length))
    expect(rows.map(({ offset }) => offset)).toEqual(bodies.map((_, index) => index))
    expect(rows.every(({ value }, index) => bodies[index]?.equals(value ?? bytes()))).toBe(true)
    expect(position).toBe(bodies.length)
  },
)

test('absent and empty keys and values, repeated header keys, empty and null headers, any bytes, in record order', async () => {
  const { rows } = await read(brokers, names.strange, ({ rows }) => expect(rows).toHaveLength(strange.length))
  expect(rows.map(({ key, value }) => ({ key, value }))).toEqual(strange.map(({ key, value }) => ({ key, value })))
  expect(rows.at(-1)?.headers.map(({ key, value }) => [key, value])).toEqual(strange.at(-1)?.headers)
})

test('a value of 5 MB comes whole, between its neighbours', async () => {
  const { rows } = await read(brokers, names.large, ({ rows }) => expect(rows).toHaveLength(3))
  expect(rows.map(({ value }) => value?.length)).toEqual([6, large.length, 5])
  expect(rows[1]?.value?.equals(large)).toBe(true)
})

test('gaps of a compacted topic are passed: what is left comes in order, and reading goes on at the end of the log', async () => {
  const end = updates.length + 1
  const compacted = await readUntilCompacted(end)
  const offsets = compacted.map(({ offset }) => offset)
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
  // Compaction keeps the last record of each key, and leaves gaps for the others.
  const lastOfKeys = updates.slice(-10).map((_, index) => updates.length - 10 + index)
  expect(offsets).toEqual(expect.arrayContaining([...lastOfKeys, end - 1]))
  expect(compacted.map(({ value }) => value?.toString())).toContain('399')
}, 60_000)

/** The cleaner comes every 15 s at most. */
async function readUntilCompacted(end: number) {
  for (;;) {
    const { rows } = await read(brokers, names.compacted, ({ position }) => expect(position).toBe(end))
    if (rows.length < end) return rows
    await new Promise((wake) => setTimeout(wake, 1_000))
  }
}
