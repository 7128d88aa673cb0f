// One moment as producers write it, in a column of times: read right, or refused in words that say what to declare; never January 1970.

import { expect, test } from 'vitest'
import { json } from '../../lib/decode/json.ts'
import { struct, timestamp } from '../../lib/decode/schema.ts'
import { aRecord } from '../builders.ts'

const moment = 1_767_623_400_000

function read(written: string, column = timestamp(), malformed: 'deadLetter' | 'null' = 'deadLetter'): unknown {
  const schema = struct({ at: column })
  const codec = malformed === 'null' ? json(schema, { malformed }) : json(schema)
  const decoded = codec.decode(aRecord({ value: `{"at":${written}}` }))
  return decoded.kind === 'row' ? decoded.row.at : decoded.detail
}

const seconds = "declare timestamp({ unit: 'seconds' }), or 'millis' where it is of January 1970"
const text = "a text is declared as timestamp({ unit: 'iso' })"

test.each([
  ['milliseconds', '1767623400000', moment, moment],
  ['ISO text', '"2026-01-05T14:30:00Z"', text, moment],
  ['ISO text of another zone, with microseconds', '"2026-01-05T20:00:00.123456+05:30"', text, moment + 123],
  ['seconds', '1767623400', seconds, moment],
  ['seconds with a fraction', '1767623400.25', seconds, null],
  ['microseconds', '1767623400123456', 'of the years 1 to 9999, got 1767623400123456', null],
  ['milliseconds as text', '"1767623400000"', text, null],
])(
  '%s, where the column says nothing of them: strictly, and as from_json reads them',
  (_, written, strict, permissive) => {
    expect(read(written)).toEqual(typeof strict === 'string' ? expect.stringContaining(strict) : strict)
    // From_json takes a whole number for seconds, and one beyond the year 9999 is milliseconds here.
    expect(read(written, timestamp(), 'null')).toBe(permissive)
  },
)

test.each([
  ['1767623400', timestamp({ unit: 'seconds' }), moment],
  ['1767623400.25', timestamp({ unit: 'seconds' }), moment + 250],
  ['1767623400123456', timestamp({ unit: 'micros' }), moment + 123],
  ['1767623400', timestamp({ unit: 'millis' }), 1_767_623_400],
  ['"2026-01-05T15:30:00"', timestamp({ unit: 'iso', zone: 'Europe/Paris' }), moment],
  ['"05.01.2026 14:30"', timestamp({ pattern: 'dd.MM.yyyy HH:mm' }), moment],
])('%s in a column that declares it is what it says', (written, column, expected) => {
  expect([read(written, column), read(written, column, 'null')]).toEqual([expected, expected])
})
