// The examples of docs/stateful-operators.md: each names its query, and is a stream from its beginning.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { consoleSink, type Sink, type StreamingQuery } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { busiestQuery, firstQuery, onceQuery, quietQuery } from './operators-query.ts'
import { type Exchange, exchangesOf } from './transcript.ts'

type Query = (sinks: readonly Sink<object>[]) => StreamingQuery<never, Exchange['rows'][number]>
const queries = new Map<string, Query>(Object.entries({ onceQuery, quietQuery, busiestQuery, firstQuery }))
const markdown = readFileSync('docs/stateful-operators.md', 'utf8')
const fence = /^```transcript (\w+)\n([\s\S]*?)^```$/gm
const examples = Array.from(markdown.matchAll(fence), ([, name = '', body = '']) => [name, exchangesOf(body)] as const)

test('the page shows each query that runs, and has an example of it', () => {
  const [, ...shown] = readFileSync('test/docs/operators-query.ts', 'utf8').split(/^(?=export const )/m)
  for (const source of shown) expect(markdown).toContain(source.trim())
  expect(new Set(examples.map(([name]) => name))).toEqual(new Set(queries.keys()))
})

test.each(examples)('%s prints what the page says', async (name, exchanges) => {
  const query = queries.get(name)
  if (query === undefined) throw new Error(`docs/stateful-operators.md: no query ${name}`)
  let printed = ''
  const driver = testDriver(query([consoleSink({ truncate: false, write: (text) => (printed = text) })]))
  expect(exchanges.length).toBeGreaterThan(1)
  for (const { rows, printed: expected } of exchanges) {
    const { late, progress } = await driver.addRows(rows)
    const table = printed.split('\n').slice(3).join('\n').trimEnd()
    const lines = [
      ...(late.length === 0 ? [] : [`late: ${late.length}`]),
      `kept: ${progress.stateOperators
        .map(({ numRowsTotal }) => numRowsTotal)
        .reverse()
        .join(', ')}`,
      ...(progress.eventTime === undefined ? [] : [`watermark ${clock(driver.watermarkMs)}`]),
    ]
    expect(`${table}\n${lines.join('\n')}`).toBe(expected)
  }
})

const clock = (epochMs: number): string => (epochMs === 0 ? 'none' : new Date(epochMs).toISOString().slice(11, 19))
