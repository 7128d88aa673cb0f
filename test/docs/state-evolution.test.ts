import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Evolve } from '../../lib/index.ts'
import { memoryState } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { aTick, openingBellMs } from '../builders.ts'
import { type Case, cases } from './evolution-cases.ts'

const markdown = readFileSync('docs/state-evolution.md', 'utf8')
const [, body = ''] = /\| you change \|.*\n\|---.*\n([\s\S]*?)\n\n/.exec(markdown) ?? []
const rows = body.split('\n').map((line) => {
  const [, change = '', outcome = ''] = line.split('|').map((cell) => cell.trim())
  return { change, outcome }
})

const wordsOf = (outcome: string): readonly Evolve[] =>
  (['add', 'drop'] as const).filter((word) => outcome.includes(`'${word}'`))

const record = (offset: number, symbol: string, seconds = 0) => ({
  offset,
  value: JSON.stringify(aTick({ symbol, timestamp: openingBellMs + seconds * 1000 })),
  timestamp: openingBellMs,
})

/** What the later version gives for one record more, over the state of three that the earlier one has read. */
async function goneOn({ before, after, shards = 1 }: Case, words: readonly Evolve[]) {
  const state = memoryState()
  await testDriver(before([]), { state }).addRecords([record(0, 'AAPL'), record(1, 'AAPL'), record(2, 'GOOGL')])
  const driver = testDriver(after(words), { state, shards })
  return driver.addRecords([record(3, 'AAPL')])
}

/** Two rows of AAPL were kept, and one has come. */
function checkCounts({ rows, deadLetters, late }: Awaited<ReturnType<typeof goneOn>>): void {
  expect({ deadLetters, late }).toEqual({ deadLetters: [], late: [] })
  for (const row of rows as readonly { readonly symbol?: string; readonly ticks?: number }[]) {
    if (row.ticks !== undefined) expect(row.ticks).toBe(row.symbol === 'GOOGL' ? 1 : 3)
  }
}

test('the table has the cases that are tested, and no others', () => {
  expect(rows.map(({ change }) => change)).toEqual(Object.keys(cases))
})

const each = rows.flatMap(({ change, outcome }) =>
  (cases[change] ?? []).map((one, i) => ({ change: `${change} (${i + 1})`, outcome, one })),
)

describe('passes without a word, and what was kept counts', () => {
  test.each(each.filter(({ outcome }) => outcome === 'passes'))('$change', async ({ one }) => {
    checkCounts(await goneOn(one, []))
  })
})

describe('passes with the words that the table names, and with no fewer', () => {
  test.each(each.filter(({ outcome }) => outcome.includes('evolve')))('$outcome: $change', async ({ one, outcome }) => {
    const words = wordsOf(outcome)
    const refusal = { code: 'STATE_INCOMPATIBLE' }
    await expect(goneOn(one, [])).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining(`evolve: '${words[0]}'`),
    })
    for (const word of words) {
      if (words.length > 1) await expect(goneOn(one, [word])).rejects.toMatchObject(refusal)
    }
    checkCounts(await goneOn(one, words))
  })
})

describe('is refused whatever word is said, with a way out', () => {
  test.each(each.filter(({ outcome }) => outcome === 'refused'))('$change', async ({ one }) => {
    await expect(goneOn(one, ['add', 'drop'])).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(/another query's: .*(was .* is now|may be one or another).*resetState/s),
    })
  })
})
