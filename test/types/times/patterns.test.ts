// Patterns of times and days beside what Spark 3.5.3 made of the same texts.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { date } from '../../../lib/decode/columns.ts'
import { json } from '../../../lib/decode/json.ts'
import { struct, timestamp } from '../../../lib/decode/schema.ts'
import { timestampText } from '../../../lib/types/text/timestamp-text.ts'
import { aRecord } from '../../builders.ts'

interface Asked {
  readonly type: 'TIMESTAMP' | 'DATE'
  readonly pattern: string
  readonly zone: string
  readonly error?: true
  readonly answers?: readonly (readonly [text: string, answer: string | null])[]
}
const { patterns }: { readonly patterns: readonly Asked[] } = JSON.parse(
  readFileSync('test/golden2/json-patterns.json', 'utf8'),
)

const columnOf = ({ type, pattern, zone }: Asked) =>
  type === 'DATE' ? date({ pattern }) : timestamp({ pattern, zone })

/** What Spark reads, and is refused here when the column is made. */
const notRead = new Set([
  ...['yyyy-DDD', 'yyyy-MM-dd VV', 'yyyy-MM-dd z', 'yyyy-MM-dd {x}', 'yyyy-MM-dd G', 'yyyy-MM-dd c', "yyyy-MM-dd 'x"],
  ...['yyyy-MM-dd n', 'yyyy-LL-dd', 'yyyy-MM-dd ZZZZ', 'yyyy-MM-dd XXXXX', 'yyyy-MM-dd p', '[yyyy'],
])

const isRead = ({ pattern, error }: Asked): boolean => error !== true && !notRead.has(pattern)

describe('each text is by each pattern what it is in Spark', () => {
  test.each(patterns.filter(isRead))('$type $pattern in $zone', (asked) => {
    const codec = json(struct({ t: columnOf(asked) }), { malformed: 'null' })
    for (const [text, answer] of asked.answers ?? []) {
      const decoded = codec.decode(aRecord({ value: JSON.stringify({ t: text }) }))
      const { t }: { readonly t?: unknown } = decoded.kind === 'row' ? decoded.row : {}
      const ours = typeof t === 'number' ? timestampText(t) : t
      expect.soft(ours, text).toEqual(expected(asked, answer))
    }
  })
})

/** Times are of the years 1 to 9999 here, and microseconds are cut off. */
function expected({ type }: Asked, answer: string | null): string | null {
  if (type === 'DATE' || answer === null) return answer
  return /^(?!0000)\d{4}-/.test(answer) ? answer.replace(/(\.\d{3})\d+$/, '$1').replace(/(\.\d*?)0+$/, '$1') : null
}

test.each(patterns.filter((asked) => !isRead(asked)))(
  'the pattern $pattern is refused when the column is made',
  (asked) => {
    expect(() => columnOf(asked)).toThrow(
      expect.objectContaining({
        code: 'SCHEMA_INVALID',
        message: expect.stringContaining(JSON.stringify(asked.pattern)),
      }),
    )
  },
)

test.each([
  ['HH:mm', 'it has no year, yyyy'],
  ['yyyy-MM-dd hh:mm', 'hh or KK go with a'],
  ['yyyy-MM-dd HH:mm a', 'a goes with one of them'],
  ['yyyy-MM-dd HH KK a', 'it has several hours'],
  ['yyyy SSS SS', 'several fractions'],
  ['yyyy]', 'a ] closes nothing'],
  ['', 'it has no year'],
])('the pattern %j is refused in words', (pattern, words) => {
  expect(() => timestamp({ pattern })).toThrow(words)
})

test('a day has no letters of a time, and a number no pattern', () => {
  expect(() => date({ pattern: 'yyyy-MM-dd HH' })).toThrow(
    'date: the pattern "yyyy-MM-dd HH" is not read here: HH is not',
  )
  expect(() => timestamp({ unit: 'seconds', pattern: 'yyyy' })).toThrow('timestamp: a pattern is of text')
  expect(() => timestamp({ pattern: 'yyyy', zone: 'Mars' })).toThrow('there is no zone "Mars"')
})

test('a strict codec takes a text of the pattern, and says the pattern of any other', () => {
  const codec = json(
    struct({ at: timestamp({ pattern: 'dd/MMM/yyyy:HH:mm:ss Z' }), day: date({ pattern: 'dd.MM.yyyy' }) }),
  )
  const decode = (at: unknown, day: unknown) => codec.decode(aRecord({ value: JSON.stringify({ at, day }) }))
  expect(decode('05/Jan/2026:15:30:00 +0100', '05.01.2026')).toEqual({
    kind: 'row',
    row: { at: 1_767_623_400_000, day: '2026-01-05' },
  })
  expect(decode('2026-01-05', '05.01.2026')).toMatchObject({
    detail: 'column at: expected a time of the years 1 to 9999, dd/MMM/yyyy:HH:mm:ss Z, got "2026-01-05"',
  })
  expect(decode('05/Jan/2026:15:30:00 +0100', '5.1.2026')).toMatchObject({
    detail: 'column day: expected a date, dd.MM.yyyy, got "5.1.2026"',
  })
  expect(decode(1_767_623_400, '05.01.2026').kind).toBe('malformed')
})
