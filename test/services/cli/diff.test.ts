// `microbatch diff` as a process, on a service under git: versions of its code over one recording.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/index.ts'
import { expectReplay } from '../../../lib/testing/index.ts'
import { aRow } from '../../mapping/builders.ts'
import { aSmallService, type SmallService } from './a-small-service.ts'
import { microbatch } from './microbatch.ts'

let dir: string
let service: SmallService

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-diff-'))
  service = aSmallService(dir)
  const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const
  const at = 1_767_623_400_000
  const lines = Array.from({ length: 6 }, (_, batch) => {
    const rows = ['ada', 'bob', 'eve'].map((customer, index) =>
      aRow({
        ...{ topic: 'orders', partition: index % 2, offset: 3 * batch + index, timestamp: at + batch * 4_000 },
        value: Buffer.from(JSON.stringify({ customer, amount: 10 * batch + index, time: at + batch * 4_000 })),
      }),
    )
    const event = encodeKafkaEvent(origin, rows)
    return JSON.stringify({ at: new Date(at + batch * 4_000).toISOString(), function: 'totals', event })
  })
  writeFileSync(join(dir, 'orders.ndjson'), `${lines.join('\n')}\n`)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const cli = (...words: readonly string[]) => microbatch(words, { cwd: dir, environment: { TOPIC: 'orders' } })

test('the code against itself is the same; against a changed aggregate the changed column is named, and it alone', async () => {
  expect(await cli('diff', 'orders.ndjson', '--code', 'HEAD')).toEqual({
    code: 0,
    stdout: 'totals: 9 groups: 9 equal, 0 changed, 0 added, 0 removed\n',
    stderr: '',
  })
  service.write("min('amount')")
  const changed = await cli('diff', 'orders.ndjson', '--code', 'HEAD', '--json')
  expect(changed.code).toBe(1)
  const { changedColumns, numChanged, numAdded, numRemoved, differences } = JSON.parse(changed.stdout)
  expect({ changedColumns, numAdded, numRemoved }).toEqual({ changedColumns: ['high'], numAdded: 0, numRemoved: 0 })
  // A group of one order has the same least and greatest.
  expect(numChanged).toBe(differences.length)
  expect(differences[0].columns).toEqual({ high: { before: 20, after: 0 } })
  expect(readdirSync(join(dir, '.local/code'))).toEqual([])
  expect(service.git('worktree', 'list').trim().split('\n')).toHaveLength(1)
})

test('two recordings of replays are compared by their rows, and a test compares with those that a replay wrote', async () => {
  const replayed = await cli(
    'replay',
    'orders.ndjson',
    '--out',
    'after.ndjson',
    '--rows',
    'golden.ndjson',
    '--no-sinks',
  )
  expect(replayed).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('golden.ndjson: 9 rows.') })
  const compared = await Promise.all([
    cli('diff', 'after.ndjson', 'after.ndjson'),
    cli('diff', 'after.ndjson', 'orders.ndjson'),
    cli('diff', 'after.ndjson', '--code', 'no-such-branch'),
  ])
  expect(compared).toMatchObject([
    { code: 0 },
    { code: 1, stderr: expect.stringMatching(/does not say which rows totals emitted.*--out/) },
    { code: 2, stderr: expect.stringContaining('no-such-branch is neither a folder nor a commit') },
  ])
  const { totalsQuery } = await import(join(dir, 'handler.mjs'))
  const expectation = expectReplay(join(dir, 'orders.ndjson'), totalsQuery, { partitions: 2 })
  await expectation.toMatchRows(join(dir, 'golden.ndjson'))
})
