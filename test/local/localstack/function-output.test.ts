import { expect, test } from 'vitest'
import { printed } from '../../../local/localstack/function-output.ts'

test('a table that the runtime client sent as one event is lines again', () => {
  const message = '2026-11-22T10:21:10.172Z\t97b4576c-46c6\tINFO\t-----\rBatch: 0\r-----\r+---+\r|sum|\r+---+\r'
  const lines = ['-----', 'Batch: 0', '-----', '+---+', '|sum|', '+---+']
  expect(printed(message)).toEqual({ stream: 'stdout', lines })
})

test('what was written to stdout itself has no prefix', () => {
  expect(printed('{"level":"INFO","message":"batch"}\n').lines).toEqual(['{"level":"INFO","message":"batch"}'])
})

test("what console.log did not print is no table: console.error's, and Node's own warnings", () => {
  const error = '2026-11-22T10:21:10.172Z\t97b4576c-46c6\tERROR\tno table\n'
  expect(printed(error)).toEqual({ stream: 'stderr', lines: ['no table'] })
  expect(printed('(node:11) TimeoutNegativeWarning: -1 is a negative number.\n').stream).toBe('stderr')
})

test.each([
  'START RequestId: 97b4576c Version: $LATEST\n',
  'END RequestId: 97b4576c\n',
  'REPORT RequestId: 97b4576c\tDuration: 20.98 ms\n',
  'INIT_START Runtime Version: nodejs:24.v1\n',
  '{"_aws":{"Timestamp":1795342870182}}\n',
])('%j is not what a function printed', (message) => {
  expect(printed(message).lines).toEqual([])
})

test('an empty line stays one', () => {
  expect(printed('\n').lines).toEqual([''])
})
