import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { consoleSink } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { burstsQuery } from './sessions-query.ts'
import { type Transcript, transcriptsOf } from './transcript.ts'
import { barsQuery } from './windows-query.ts'

const markdown = readFileSync('docs/windows.md', 'utf8')

test.each(['windows-query', 'sessions-query'])('what the page shows of %s is the query that runs', (file) => {
  const [, shown = ''] = readFileSync(`test/docs/${file}.ts`, 'utf8').split('from here on.\n')
  expect(markdown).toContain(shown.trim())
})

test('the page has an example for every mode', () => {
  expect(new Set(transcriptsOf(markdown).map(({ mode }) => mode))).toEqual(
    new Set(['append', 'update', 'complete', 'sessions']),
  )
})

const named = transcriptsOf(markdown).map((transcript, i) => [`${i + 1}, ${transcript.mode}`, transcript] as const)

test.each(named)('example %s prints what the page says', async (_, { mode, exchanges }: Transcript) => {
  let printed = ''
  const sinks = [consoleSink({ truncate: false, write: (text) => (printed = text) })]
  const driver = testDriver<object, Transcript['exchanges'][number]['rows'][number]>(
    mode === 'sessions' ? burstsQuery(sinks) : barsQuery(mode, sinks),
  )
  expect(exchanges.length).toBeGreaterThan(1)
  for (const { rows, printed: expected } of exchanges) {
    const { late } = await driver.addRows(rows)
    const table = printed.split('\n').slice(3).join('\n').trimEnd()
    const lateLine = late.length === 0 ? '' : `\nlate: ${late.length}`
    expect(`${table}${lateLine}\nwatermark ${clock(driver.watermarkMs)}`).toBe(expected)
  }
})

const clock = (epochMs: number): string => (epochMs === 0 ? 'none' : new Date(epochMs).toISOString().slice(11, 19))
