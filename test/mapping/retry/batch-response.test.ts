import { describe, expect, test } from 'vitest'
import { readBatchResponse } from '../../../mapping/retry/batch-response.ts'
import { rowsFrom } from '../builders.ts'

const rows = [...rowsFrom(0, [4, 5]), ...rowsFrom(12, [4])]
const read = (answer: unknown) => readBatchResponse(JSON.stringify(answer) ?? '', rows)
const one = (itemIdentifier: unknown) => ({ batchItemFailures: [{ itemIdentifier }] })

describe('local-mapping.md 4.3: "an empty valid JSON or null" is success', () => {
  test.each([
    ['null', null],
    ['nothing', undefined],
    ['{}', {}],
    ['an empty list', { batchItemFailures: [] }],
    ['a null list, as for Kinesis', { batchItemFailures: null }],
    ['another object, which names no failure', { statusCode: 200 }],
  ])('%s', (_what, answer) => {
    expect(read(answer)).toEqual({ kind: 'success' })
  })
})

test('an identifier is an object of the records key and the offset; the order is that of the batch', () => {
  const answer = {
    batchItemFailures: [
      { itemIdentifier: { partition: 'stock-ticks-12', offset: 4 } },
      { itemIdentifier: { partition: 'stock-ticks-0', offset: 5 } },
      { itemIdentifier: { partition: 'stock-ticks-0', offset: 5 } },
    ],
  }
  expect(read(answer)).toEqual({ kind: 'itemFailures', failed: [rows[1], rows[2]] })
})

describe('local-mapping.md 4.3: "not present in the invoked event" is a failure of the entire batch', () => {
  test.each([
    ['an offset of another batch', one({ partition: 'stock-ticks-0', offset: 6 })],
    ['another partition', one({ partition: 'stock-ticks-1', offset: 4 })],
    ['the partition as a number', one({ partition: 0, offset: 4 })],
    ['the offset as text', one({ partition: 'stock-ticks-0', offset: '4' })],
    ['text, as for SQS and Kinesis', one('stock-ticks-0-4')],
    ['an empty identifier', one('')],
    ['a null identifier', one(null)],
    ['a wrong key', one({ 'topic-partition': 'stock-ticks-0', offset: 4 })],
    ['no identifier', { batchItemFailures: [{}] }],
    ['a null entry', { batchItemFailures: [null] }],
    [
      'one good and one bad',
      { batchItemFailures: [...one({ partition: 'stock-ticks-0', offset: 4 }).batchItemFailures, {}] },
    ],
    ['a list that is none', { batchItemFailures: 'all' }],
    ['an array', []],
    ['text', 'ok'],
    ['a number', 5],
  ])('%s', (_what, answer) => {
    expect(read(answer).kind).toBe('invalid')
  })

  test('an answer that is not JSON', () => {
    expect(readBatchResponse('ok', rows).kind).toBe('invalid')
  })
})
