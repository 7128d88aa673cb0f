import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { consoleSink, type Sink } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { movesQuery } from './moves-query.ts'
import { visitsQuery } from './visits-query.ts'

const markdown = readFileSync('docs/custom-state.md', 'utf8')

test.each(['moves-query', 'visits-query'])('what the page shows of %s is the query that runs', (file) => {
  const [, shown = ''] = readFileSync(`test/docs/${file}.ts`, 'utf8').split('from here on.\n')
  expect(markdown).toContain(shown.trim())
})

/** The rows of a line `> 14:30:00 AAPL 100.0`, and the watermark that a page shows. */
const examples = {
  moves: (sinks: readonly Sink<object>[]) => {
    const driver = testDriver(movesQuery(sinks))
    return (lines: readonly string[]) =>
      driver.addRows(
        lines.map((line) => {
          const [, time, symbol = '', price] = line.split(' ')
          return { symbol, price: Number(price), timestamp: timeOf(time) }
        }),
      )
  },
  visits: (sinks: readonly Sink<object>[]) => {
    const driver = testDriver(visitsQuery(sinks))
    return (lines: readonly string[]) =>
      driver.addRows(
        lines.map((line) => {
          const [, time, user = '', page = ''] = line.split(' ')
          return { user, page, at: timeOf(time) }
        }),
      )
  },
}

const timeOf = (clock: string | undefined): number => Date.parse(`2026-01-05T${clock}Z`)

test.each(Object.entries(examples))('the example of %s prints what the page says', async (name, begin) => {
  const [, body = ''] = new RegExp(`^\`\`\`transcript ${name}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(markdown) ?? []
  let printed = ''
  const batch = begin([consoleSink({ truncate: false, write: (text) => (printed = text) })])
  const parts = body.trim().split('\n\n')
  expect(parts.length).toBeGreaterThan(2)
  for (const part of parts) {
    const lines = part.split('\n')
    await batch(lines.filter((line) => line.startsWith('> ')))
    const table = printed.split('\n').slice(3).join('\n').trim()
    expect(table).toBe(lines.filter((line) => !line.startsWith('> ')).join('\n'))
  }
})
