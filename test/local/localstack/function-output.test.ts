import { expect, test } from 'vitest'
import { printedLines } from '../../../local/localstack/function-output.ts'

test('a table that the runtime client sent as one event is lines again', () => {
  const message = '2026-11-22T10:21:10.172Z\t97b4576c-46c6\tINFO\t-----\rBatch: 0\r-----\r+---+\r|sum|\r+---+\r'
  expect(printedLines(message)).toEqual(['-----', 'Batch: 0', '-----', '+---+', '|sum|', '+---+'])
})

test('what was written to stdout itself has no prefix', () => {
  expect(printedLines('{"level":"INFO","message":"batch"}\n')).toEqual(['{"level":"INFO","message":"batch"}'])
})

test.each([
  'START RequestId: 97b4576c Version: $LATEST\n',
  'END RequestId: 97b4576c\n',
  'REPORT RequestId: 97b4576c\tDuration: 20.98 ms\n',
  'INIT_START Runtime Version: nodejs:24.v1\n',
  '{"_aws":{"Timestamp":1795342870182}}\n',
])('%j is not what a function printed', (message) => {
  expect(printedLines(message)).toEqual([])
})

test('an empty line stays one', () => {
  expect(printedLines('\n')).toEqual([''])
})
