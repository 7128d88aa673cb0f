import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import { openRecording, type RecordedEvent, readRecording } from '../../../mapping/recording/recording.ts'
import { aRow } from '../builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'microbatch-recording-'))
afterAll(() => rmSync(folder, { recursive: true }))

const event = encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, [aRow()])
const at = '2026-01-01T00:00:00.000Z'

async function read(path: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const recorded of readRecording(path)) events.push(recorded)
  return events
}

test('events come back as they were delivered, and a second opening appends', async () => {
  const path = join(folder, 'delivered.ndjson')
  for (const name of ['bars', 'late']) {
    const recording = await openRecording(path)
    await recording.append({ at, function: name, event })
    await recording.close()
  }
  expect(await read(path)).toEqual([
    { at, function: 'bars', event },
    { at, function: 'late', event },
  ])
})

test('large events of invocations that end together do not mix', async () => {
  const path = join(folder, 'together.ndjson')
  const recordings = await Promise.all([openRecording(path), openRecording(path)])
  const large = (fill: string) =>
    encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, [
      aRow({ value: Buffer.alloc(2_000_000, fill) }),
    ])
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(
    names.map((name, index) => recordings[index % 2]?.append({ at, function: name, event: large(name) })),
  )
  await Promise.all(recordings.map((recording) => recording.close()))
  expect(await read(path)).toEqual(names.map((name) => ({ at, function: name, event: large(name) })))
})

test('the file is for its owner only, also where it was open to others before', async () => {
  const path = join(folder, 'open.ndjson')
  writeFileSync(path, '')
  chmodSync(path, 0o644)
  await (await openRecording(path)).close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test.each([
  ['a line that is not JSON', '{"at":', /:2: not JSON/],
  [
    'a line that is not a delivered event',
    '{"at":"yesterday","function":"bars","event":{}}',
    /:2: not a delivered event/,
  ],
  ['an unknown member', `{"at":"${at}","function":"bars","event":{},"more":1}`, /:2: not a delivered event/],
])('%s is an error naming file and line', async (_what, line, message) => {
  const path = join(folder, 'bad.ndjson')
  const recording = await openRecording(path)
  await recording.append({ at, function: 'bars', event })
  await recording.close()
  writeFileSync(path, `${readFileSync(path, 'utf8').split('\n')[0]}\n${line}\n`)
  await expect(read(path)).rejects.toThrow(message)
  await expect(read(path)).rejects.toThrow(expect.objectContaining({ code: 'RECORDING_INVALID' }))
})

test('a recording that is not there, or a folder, is an error and not an empty recording', async () => {
  for (const path of [join(folder, 'none.ndjson'), folder])
    await expect(read(path)).rejects.toThrow(expect.objectContaining({ code: 'RECORDING_FAILED' }))
  await expect(openRecording(folder)).rejects.toThrow(expect.objectContaining({ code: 'RECORDING_FAILED' }))
})
