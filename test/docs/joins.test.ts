// The examples of docs/joins.md: each names its query, and is a stream from its beginning. A line `> payments 14:30:05 a 100` is a row
// of a batch, of the source that it begins with.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { consoleSink, type Sink, type StreamingQuery } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { bothQuery, paidQuery, unpaidQuery } from './joins-query.ts'

interface Given {
  readonly source: string
  readonly row: object
}

type Query = (sinks: readonly Sink<object>[]) => StreamingQuery<never, object>
const queries = new Map<string, Query>(Object.entries({ paidQuery, unpaidQuery, bothQuery }))
const markdown = readFileSync('docs/joins.md', 'utf8')
const fence = /^```transcript (\w+)\n([\s\S]*?)^```$/gm
const examples = Array.from(markdown.matchAll(fence), ([, name = '', body = '']) => [name, body] as const)

test('the page shows each query that runs, and has an example of it', () => {
  const [, ...shown] = readFileSync('test/docs/joins-query.ts', 'utf8').split(/^(?=export const )/m)
  for (const source of shown) expect(markdown).toContain(source.trim())
  expect(new Set(examples.map(([name]) => name))).toEqual(new Set(queries.keys()))
})

test.each(examples)('%s prints what the page says', async (name, body) => {
  const query = queries.get(name)
  if (query === undefined) throw new Error(`docs/joins.md: no query ${name}`)
  let printed = ''
  const driver = testDriver(query([consoleSink({ truncate: false, write: (text) => (printed = text) })]))
  const said: string[] = []
  for (const part of body.split(/^(?=> )(?<!^> .*\n)/m).filter((part) => part.trim() !== '')) {
    const lines = part.split('\n').filter((line) => line.startsWith('> '))
    const given = lines.map(givenOf)
    const sources = new Map<object, string>(given.map(({ source, row }) => [row, source]))
    const rows = given.map(({ row }) => row)
    const { late, progress } = await driver.addRows(rows, { source: (row) => sources.get(row) ?? '' })
    const table = printed.split('\n').slice(3).join('\n').trimEnd()
    const kept = progress.stateOperators.map(({ numRowsTotal }) => numRowsTotal).reverse()
    said.push(
      [
        ...lines,
        table,
        ...(late.length === 0 ? [] : [`late: ${late.length}`]),
        `kept: ${kept.join(', ')}`,
        `watermark ${clock(driver.watermarkMs)}`,
      ].join('\n'),
    )
  }
  expect(`${said.join('\n\n')}\n`).toBe(body)
})

function givenOf(line: string): Given {
  const [, source = '', time = '', order = '', amount] = line.split(/\s+/)
  const at = Date.parse(`2026-01-05T${time}Z`)
  if (Number.isNaN(at)) throw new Error(`docs/joins.md: cannot read "${line}"`)
  return { source, row: amount === undefined ? { order, at } : { order, paidAt: at, amount: Number(amount) } }
}

const clock = (epochMs: number): string => (epochMs === 0 ? 'none' : new Date(epochMs).toISOString().slice(11, 19))
