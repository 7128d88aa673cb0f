// Archives as files: compressed by their names, whole or not there.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryState } from 'microbatch'
import { archiveLines, type MovedState, movedState, readKeptState } from 'microbatch/state'
import { testDriver } from 'microbatch/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readArchive, writeArchive } from '../../../local/state/archive-file.ts'
import { batchesOf, movingQueries, partitions } from '../../state/archive/moving-queries.ts'

let dir: string
let state: MovedState

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-archive-'))
  const query = movingQueries['groups that never end']
  if (query === undefined) throw new Error('a query')
  const store = memoryState()
  const driver = testDriver(query('totals'), { partitions, state: store })
  const symbols = Array.from({ length: 2_500 }, (_, i) => ({ second: i % 60, symbol: `S${i}`, partition: i % 2 }))
  for (const batch of batchesOf([symbols])) await driver.addRecords(batch)
  const kept = await readKeptState(store, 'totals')
  if (kept === undefined) throw new Error('no state')
  state = movedState(kept, 1000)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test.each(['totals.ndjson', 'totals.ndjson.gz', 'totals.ndjson.zst'])(
  '%s is read back as it was written',
  async (name) => {
    const file = join(dir, name)
    await writeArchive(file, state)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.part`)).toBe(false)
    expect([...archiveLines(await readArchive(file))]).toEqual([...archiveLines(state)])
    await expect(writeArchive(file, state)).rejects.toMatchObject({ code: 'COMMAND_INVALID' })
  },
)

test.each(['totals.ndjson', 'totals.ndjson.gz', 'totals.ndjson.zst'])(
  '%s that was cut short is refused, by its name',
  async (name) => {
    const file = join(dir, `cut-${name}`)
    const bytes = readFileSync(join(dir, name))
    writeFileSync(file, bytes.subarray(0, bytes.length - 40))
    await expect(readArchive(file)).rejects.toMatchObject({
      code: 'STATE_UNUSABLE',
      message: expect.stringContaining(file),
    })
  },
)

test('what cannot be written leaves nothing behind', async () => {
  const before = readdirSync(dir)
  await expect(writeArchive(join(dir, 'none', 'totals.ndjson'), state)).rejects.toMatchObject({
    code: 'STATE_UNUSABLE',
  })
  const failing: MovedState = {
    ...state,
    progress: { ...state.progress, n: Number.NaN },
    shards: [{ ...state.shards[0], texts: ['no line\n'] } as never],
  }
  await expect(writeArchive(join(dir, 'failed.ndjson.gz'), failing)).rejects.toMatchObject({ code: 'STATE_UNUSABLE' })
  expect(readdirSync(dir)).toEqual(before)
})

test('a file that is no compressed one is refused in words', async () => {
  const file = join(dir, 'plain.ndjson.gz')
  writeFileSync(file, 'plain\n')
  await expect(readArchive(file)).rejects.toMatchObject({ code: 'STATE_UNUSABLE' })
})
