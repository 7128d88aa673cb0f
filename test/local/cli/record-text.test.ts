import { expect, test } from 'vitest'
import { jsonText } from '../../../local/cli/json-text.ts'
import { recordJson, recordLine } from '../../../local/cli/record-text.ts'
import { aRecord } from '../../builders.ts'

test('a record is a line with its time, place, key and value; a tombstone and a missing key are null', () => {
  expect(recordLine(aRecord({ value: 'text', key: 'k', partition: 2, offset: 7 }))).toBe(
    '2026-01-05T14:30:00.012Z  stock-ticks-2@7  k  text',
  )
  expect(recordLine(aRecord({ value: null, key: null }))).toMatch(/ {2}null {2}null$/)
})

test('bytes that are no text are hexadecimal; control characters are shown and not sent', () => {
  const record = aRecord({ key: 'a\u001b[2J\u009b', value: Buffer.from([0xff, 0x00]) })
  expect(recordLine(record)).toMatch(/ {2}a\\u001b\[2J\\u009b {2}0xff00$/)
  expect(recordJson(record)).not.toMatch(/[\u001b\u009b]/)
  expect(JSON.parse(recordJson(record))).toMatchObject({ key: 'a\u001b[2J\u009b', value: { hex: 'ff00' } })
})

test('in JSON a value that is JSON is a value, other text is a string, and headers keep their order', () => {
  const headers = [
    { key: 'b', value: Buffer.from('1') },
    { key: 'a', value: null },
  ]
  expect(JSON.parse(recordJson(aRecord({ value: '{"a":1}', headers })))).toMatchObject({
    value: { a: 1 },
    headers: [
      { key: 'b', value: '1' },
      { key: 'a', value: null },
    ],
  })
  expect(JSON.parse(recordJson(aRecord({ value: 'no JSON' }))).value).toBe('no JSON')
})

test('a timestamp that is no date is shown as its number', () => {
  expect(recordLine(aRecord({ timestamp: 9e15 }))).toMatch(/^9000000000000000 {2}/)
})

test('as JSON bytes are base64, and integers beyond doubles keep their digits', () => {
  expect(jsonText({ bytes: Buffer.from('hi'), big: 2n ** 63n, map: new Map([['a', 1]]), none: undefined })).toBe(
    '{"bytes":"aGk=","big":"9223372036854775808","map":{"a":1}}',
  )
})
