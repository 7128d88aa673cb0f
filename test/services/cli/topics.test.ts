// topic, send, tail and lag as processes, on a real Kafka.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest'
import { createTopics } from '../topic.ts'
import { type CallOptions, microbatch, program } from './microbatch.ts'

let admin: Admin
let folder: string
let topic: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-topics-'))
  admin = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
})
afterAll(async () => {
  await admin.disconnect()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  topic = `t-${randomUUID()}`
  await createTopics(admin, [{ topic, numPartitions: 2 }])
})

const environment = () => ({ KAFKA_BROKERS: inject('brokers').join(',') })
/** In a folder without a service: none of them needs one. */
const call = (words: readonly string[], options: CallOptions = {}) =>
  microbatch(words, { cwd: folder, environment: environment(), ...options })
const jsonLines = (text: string) => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
const everything = async (...words: readonly string[]) => {
  const { code, stdout, stderr } = await call(['tail', topic, '--offset', 'earliest', '--json', ...words])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return jsonLines(stdout)
}

/** The command while it runs. */
function running(...words: readonly string[]) {
  const child = spawn(process.execPath, [program, ...words], { cwd: folder, env: { ...process.env, ...environment() } })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  const done = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, said, done }
}

test('a topic is made once, listed and described', async () => {
  const made = `made-${randomUUID()}`
  expect(await call(['topic', 'create', made, '--partitions', '4', '--json'])).toMatchObject({
    code: 0,
    stdout: `{"topic":"${made}","partitions":4,"isMade":true}\n`,
  })
  expect((await call(['topic', 'create', made])).stdout).toMatch(new RegExp(`^${made} +4 +was there$`, 'm'))
  expect((await call(['topic', 'list'])).stdout).toMatch(new RegExp(`^TOPIC +PARTITIONS\n(.*\n)*${made} +4\n`))
  const { stdout } = await call(['topic', 'describe', made, '--json'])
  expect(jsonLines(stdout).map(({ partition, earliest, latest }) => [partition, earliest, latest])).toEqual(
    [0, 1, 2, 3].map((partition) => [partition, 0, 0]),
  )
})

test('what a topic command does not take is refused, and what is not there is named', async () => {
  expect(await call(['topic', 'delete', 'a'])).toMatchObject({ code: 2, stderr: expect.stringContaining('"delete"') })
  expect(await call(['topic', 'create', 'a b'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('a b is no'),
  })
  expect(await call(['topic', 'create', 'a', '--partitions', 'x'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('PARTITIONS'),
  })
  const missing = {
    code: 1,
    stderr: expect.stringMatching(/^Kafka has no topic nowhere\. .*microbatch topic create NAME/),
  }
  expect(await call(['topic', 'describe', 'nowhere'])).toMatchObject(missing)
  expect(await call(['send', '-', '--topic', 'nowhere'], { input: 'a\n' })).toMatchObject(missing)
})

test('a broker on another machine is not dialled by any of them', async () => {
  for (const words of [
    ['topic', 'list'],
    ['send', '-', '--topic', 'a'],
    ['tail', 'a'],
  ]) {
    expect(await call([...words, '--brokers', 'b-1.example.com:9092'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--allow-remote b-1.example.com'),
    })
  }
})

test('the lines of a file become records, in their order, with keys; equal keys share a partition', async () => {
  const file = join(folder, 'orders.ndjson')
  const orders = Array.from({ length: 3_000 }, (_, i) => ({ customer: `c${i % 7}`, n: i }))
  writeFileSync(file, `${orders.map((order) => JSON.stringify(order)).join('\n')}\n\n`)
  expect(await call(['send', file, '--topic', topic, '--key', 'customer'])).toMatchObject({
    code: 0,
    stderr: `Sent 3000 records to ${topic}.\n`,
  })
  const records = await everything('--max', '3000')
  expect(records.map(({ value }) => value.n).toSorted((a, b) => a - b)).toEqual(orders.map(({ n }) => n))
  for (const partition of [0, 1]) {
    const numbers = records.filter((record) => record.partition === partition).map(({ value }) => value.n)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
  expect(new Set(records.map(({ key, partition }) => `${key} ${partition}`)).size).toBe(7)
  expect(records.every(({ key, value }) => key === value.customer)).toBe(true)
})

test('stdin goes as it comes, whatever it is; a partition can be named', async () => {
  const { said, child, done } = running('send', '-', '--topic', topic, '--partition', '1')
  child.stdin.write('not JSON\n')
  // Kafka gives the partitions in any order.
  const end = async () => (await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 1)?.high
  await vi.waitFor(async () => expect(await end()).toBe('1'), { timeout: 20_000 })
  child.stdin.end('{"a":1}')
  expect([await done, said.stderr]).toEqual([0, `Sent 2 records to ${topic}.\n`])
  expect((await everything('--max', '2')).map(({ partition, value }) => [partition, value])).toEqual([
    [1, 'not JSON'],
    [1, { a: 1 }],
  ])
})

test('a rate is kept, and Ctrl-C ends it in order with the count of what the topic has', async () => {
  const file = join(folder, 'many.ndjson')
  writeFileSync(file, '{"a":1}\n'.repeat(10_000))
  const { child, said, done } = running('send', file, '--topic', topic, '--rate', '50')
  const end = async () => (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
  await vi.waitFor(async () => expect(await end()).toBeGreaterThan(0), { timeout: 20_000, interval: 20 })
  const [atMs, before] = [performance.now(), await end()]
  await vi.waitFor(async () => expect(await end()).toBeGreaterThan(before + 50), { timeout: 20_000, interval: 20 })
  expect((performance.now() - atMs) / 1000).toBeGreaterThan(0.8)
  child.kill('SIGINT')
  expect(await done).toBe(0)
  expect(said.stderr).toBe(`Sent ${await end()} records to ${topic}.\n`)
})

test('what cannot be sent is said with its line, and what was sent before with its count', async () => {
  const keyless = await call(['send', '-', '--topic', topic, '--key', 'id'], { input: '{"id":1}\n{"x":1}\n' })
  expect(keyless).toMatchObject({ code: 2, stderr: expect.stringContaining('line 2 has no column id') })
  expect(keyless.stderr).toContain('Sent 0 records')
  expect(await call(['send', 'no-such-file', '--topic', topic])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no such file'),
  })
  for (const [words, problem] of [
    [['--partition', '2'], 'has the partitions 0 to 1'],
    [['--rate', '0'], '--rate takes a whole number from 1'],
  ] as const) {
    expect(await call(['send', '-', '--topic', topic, ...words], { input: '' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(problem),
    })
  }
})

test('tail shows what comes, from where it is told, without control characters, and Ctrl-C ends it', async () => {
  const producer = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  try {
    const send = (key: string | null, value: Buffer | string | null) =>
      producer.send({ topic, messages: [{ partition: 0, key, value, timestamp: '1767623400000' }] })
    await send('old', 'before')
    const { child, said, done } = running('tail', topic)
    // Records that come before it has looked are not its own: it is sent to until it shows some.
    await vi.waitFor(
      async () => {
        await send('k', 'text \u001b[2J')
        expect(said.stdout).not.toBe('')
      },
      { timeout: 20_000, interval: 200 },
    )
    await send(null, Buffer.from([0xff, 0xfe]))
    await send('k', null)
    await vi.waitFor(() => expect(said.stdout).toContain(' k  null\n'), { timeout: 20_000 })
    child.kill('SIGINT')
    expect(await done).toBe(0)
    expect(said.stdout).toMatch(
      new RegExp(`^2026-01-05T14:30:00.000Z {2}${topic}-0@\\d+ {2}k {2}text \\\\u001b\\[2J\\n`),
    )
    expect(said.stdout).toContain('null  0xfffe\n')
    expect(said.stdout).not.toContain('before')
  } finally {
    await producer.disconnect()
  }
  expect((await everything('--max', '1')).map(({ value }) => value)).toEqual(['before'])
  const [second] = jsonLines((await call(['tail', topic, '--offset', '1', '--max', '1', '--json'])).stdout)
  expect(second).toMatchObject({ partition: 0, offset: 1, key: 'k', value: 'text \u001b[2J' })
  expect(await call(['tail', topic, '--offset', 'x'])).toMatchObject({ code: 2 })
})

test('lag is what the functions of the service have not committed', async () => {
  await call(['send', '-', '--topic', topic, '--partition', '0'], { input: 'a\nb\nc\n' })
  await admin.setOffsets({
    groupId: `microbatch-dev-tape-${topic}`,
    topic,
    partitions: [{ partition: 0, offset: '2' }],
  })
  const service = { environment: { ...environment(), TOPIC: topic } }
  const found = jsonLines((await microbatch(['lag', '--json'], service)).stdout)
  expect(found).toEqual([
    { function: 'tape', topic, group: `microbatch-dev-tape-${topic}`, partition: 0, committed: 2, end: 3, lag: 1 },
    { function: 'tape', topic, group: `microbatch-dev-tape-${topic}`, partition: 1, committed: null, end: 0, lag: 0 },
    { function: 'bars', topic, group: `microbatch-dev-bars-${topic}`, partition: 0, committed: null, end: 3, lag: 3 },
    { function: 'bars', topic, group: `microbatch-dev-bars-${topic}`, partition: 1, committed: null, end: 0, lag: 0 },
  ])
  const { stdout } = await microbatch(['lag'], service)
  expect(stdout).toMatch(/^FUNCTION +TOPIC +PARTITION +COMMITTED +END +LAG +GROUP\ntape .* 0 +2 +3 +1 /)
})
