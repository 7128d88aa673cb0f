import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import { readRecorded } from '../../../lib/event/recording/read.ts'
import type { RecordedHeader } from '../../../lib/event/recording/recorded.ts'
import {
  type NewHeader,
  openRecording,
  type ReadInvocation,
  readRecording,
} from '../../../mapping/recording/recording.ts'
import { aRow } from '../builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'microbatch-recording-'))
afterAll(() => rmSync(folder, { recursive: true }))

const event = encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, [aRow()])
const at = '2026-01-01T00:00:00.000Z'
const header: NewHeader = { source: 'mapping', code: 'abc', mappings: [] }

async function read(path: string, onHeader?: (header: RecordedHeader) => void) {
  const events: ReadInvocation[] = []
  const warnings: string[] = []
  const onWarning = (warning: string) => void warnings.push(warning)
  for await (const recorded of readRecording(path, { onWarning, ...(onHeader && { onHeader }) })) events.push(recorded)
  return { events, warnings }
}

test.each(['ndjson', 'ndjson.gz', 'ndjson.zst'])(
  'invocations come back as they were written to a .%s, and a second opening appends',
  async (ending) => {
    const path = join(folder, `delivered.${ending}`)
    const invocation = { at, reason: 'window', attempt: 2, outcome: 'success', durationMs: 1.5, event } as const
    for (const name of ['bars', 'late']) {
      const recording = await openRecording(path, header)
      recording.append({ ...invocation, function: name, returned: { numInputRows: 1 }, rows: [{ a: 1 }] })
      await recording.close()
    }
    const headers: RecordedHeader[] = []
    const { events, warnings } = await read(path, (found) => headers.push(found))
    const returned = { returned: { numInputRows: 1 }, rows: [{ a: 1 }] }
    expect(events).toEqual([
      { ...invocation, ...returned, function: 'bars', line: 2 },
      { ...invocation, ...returned, function: 'late', line: 4 },
    ])
    expect(headers).toMatchObject([{ recording: 2, ...header }, header])
    expect(warnings).toEqual([])
  },
)

test('a recording of version 1, which had no header, is read', async () => {
  const path = join(folder, 'former.ndjson')
  writeFileSync(path, `${JSON.stringify({ at, function: 'bars', event })}\n\n`)
  expect((await read(path)).events).toEqual([{ at, function: 'bars', event, line: 1 }])
})

test('large events of invocations that end together do not mix', async () => {
  const path = join(folder, 'together.ndjson')
  const recordings = await Promise.all([openRecording(path, header), openRecording(path, header)])
  const large = (fill: string) =>
    encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, [
      aRow({ value: Buffer.alloc(2_000_000, fill) }),
    ])
  const names = ['a', 'b', 'c', 'd']
  for (const [index, name] of names.entries()) recordings[index % 2]?.append({ at, function: name, event: large(name) })
  await Promise.all(recordings.map((recording) => recording.close()))
  const { events } = await read(path)
  expect(events.map(({ function: name, event: delivered }) => [name, delivered])).toEqual(
    names.map((name) => [name, large(name)]),
  )
})

test('the file is for its owner only, also where it was open to others before', async () => {
  const path = join(folder, 'open.ndjson')
  writeFileSync(path, '')
  chmodSync(path, 0o644)
  await (await openRecording(path, header)).close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

const whole = `${JSON.stringify({ at, function: 'bars', event })}\n`

test.each([
  ['a line that is not JSON', '{"at":', /:2: not JSON/],
  [
    'a line that is not a delivered event',
    '{"at":"yesterday","function":"bars","event":{}}',
    /:2: not a delivered event: at: /,
  ],
  ['an unknown member', `{"at":"${at}","function":"bars","event":{},"more":1}`, /:2: not a delivered event/],
  ['a header of a version to come', '{"recording":3,"pages":[]}', /:2: a recording of version 3; this reads 1 and 2/],
  ['binary data', '\u0001\u0000\u0002', /:2: binary data/],
])('%s is an error naming file and line', async (_what, line, message) => {
  const path = join(folder, 'bad.ndjson')
  writeFileSync(path, `${whole}${line}\n${whole}`)
  await expect(read(path)).rejects.toThrow(message)
  await expect(read(path)).rejects.toThrow(expect.objectContaining({ code: 'RECORDING_INVALID' }))
})

test('a first line that is no recording is an error, with or without a line break', async () => {
  const path = join(folder, 'else.ndjson')
  writeFileSync(path, 'symbol,price')
  await expect(read(path)).rejects.toThrow(/:1: not JSON/)
})

test('a last line that was cut off is a warning, and what stands before it is read', async () => {
  const path = join(folder, 'cut.ndjson')
  writeFileSync(path, `${whole}${whole.slice(0, 40)}`)
  const { events, warnings } = await read(path)
  expect(events).toHaveLength(1)
  expect(warnings).toEqual([expect.stringMatching(/cut\.ndjson:2: the recording ends inside of this line/)])
})

test.each([
  ['gz', gzipSync],
  ['zst', zstdCompressSync],
])(
  'a .%s that was cut off gives what is whole; one that was damaged, or is none, names the line',
  async (ending, pack) => {
    const path = join(folder, `packed.ndjson.${ending}`)
    const members = (ends: boolean) => Buffer.concat([pack(whole), pack(whole), ends ? pack(whole) : Buffer.from('?')])
    writeFileSync(path, members(true))
    truncateSync(path, statSync(path).size - 20)
    expect(await read(path)).toMatchObject({ events: { length: 2 }, warnings: { length: 1 } })
    writeFileSync(path, Buffer.concat([members(true), Buffer.from('what is this? it is no member of the file')]))
    await expect(read(path)).rejects.toThrow(/:\d: from here on it cannot be unpacked: .*damaged/)
    writeFileSync(path, whole)
    await expect(read(path)).rejects.toThrow(/:1: from here on it cannot be unpacked/)
  },
)

test('damage in a compressed recording is noticed', async () => {
  for (const ending of ['gz', 'zst']) {
    const path = join(folder, `damaged.ndjson.${ending}`)
    const recording = await openRecording(path, header)
    recording.append({ at, function: 'bars', event })
    await recording.close()
    const bytes = readFileSync(path)
    const place = bytes.length - 40
    bytes[place] = (bytes[place] ?? 0) ^ 0x55
    writeFileSync(path, bytes)
    await expect(read(path)).rejects.toThrow(/:\d: from here on it cannot be unpacked/)
  }
})

test('a line that has no end is refused before it fills the memory', async () => {
  const path = join(folder, 'endless.ndjson.gz')
  // A thousandth of what it unpacks to.
  const piece = gzipSync(Buffer.alloc(16 * 1024 * 1024, 'x'))
  writeFileSync(path, Buffer.concat([gzipSync(whole), ...Array.from({ length: 64 }, () => piece)]))
  const before = process.memoryUsage().rss
  await expect(read(path)).rejects.toThrow(/:2: a line of more than 64 MB/)
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024)
  const short = async () => {
    for await (const _line of readRecorded(path, { maxLineBytes: 1024 * 1024 }));
  }
  await expect(short()).rejects.toThrow(/:2: a line of more than 1 MB/)
})

test('a recording that is not there, or a folder, is an error and not an empty recording', async () => {
  for (const path of [join(folder, 'none.ndjson'), folder])
    await expect(read(path)).rejects.toThrow(expect.objectContaining({ code: 'RECORDING_FAILED' }))
  await expect(openRecording(folder, header)).rejects.toThrow(expect.objectContaining({ code: 'RECORDING_FAILED' }))
})
