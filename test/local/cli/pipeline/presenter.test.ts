import { expect, test } from 'vitest'
import { busyPort, present } from '../../../../local/cli/pipeline/presenter.ts'

test('a table and anything else that a handler prints passes through untouched', () => {
  for (const line of [
    '+------+-----+',
    '|  AAPL|150.5|',
    'Batch: 3 (tape)',
    '',
    '{"symbol":"AAPL"}',
    '{ not JSON',
    'a\tb\r',
  ]) {
    expect(present('stdout', line, false)).toEqual({ output: line })
  }
})

test('an INFO log line goes to the log file alone, and is shown too when all is asked for', () => {
  const line = JSON.stringify({ level: 'INFO', message: 'batch', numInputRows: 15, sink: {} })
  expect(present('stdout', line, false)).toEqual({ log: line })
  expect(present('stdout', line, true)).toEqual({ log: line, notice: 'INFO  batch (numInputRows 15)' })
})

test('a warning is one short line: its scalar fields, without the stack', () => {
  const line = JSON.stringify({
    level: 'ERROR',
    message: 'batch failed',
    error: 'boom',
    stack: 'Error\n at',
    cause: '',
  })
  expect(present('stdout', line, false).notice).toBe('ERROR batch failed (error boom)')
  const long = JSON.stringify({ level: 'WARN', message: 'm'.repeat(5_000) })
  expect(present('stdout', long, false).notice?.length).toBeLessThan(500)
})

test('what matters stands first, what a logger adds to every line last', () => {
  const logger = { timestamp: '2026-01-05T14:30:00Z', service: 'microbatch', sampling_rate: 0, requestId: 'r-1' }
  const fields = {
    reason: 'NOT_JSON',
    detail: 'Unexpected token',
    query: 'bars',
    topic: 'ticks',
    partition: 0,
    offset: 7,
  }
  const line = JSON.stringify({ level: 'WARN', message: 'dead letter', ...logger, ...fields })
  expect(present('stdout', line, false).notice).toBe(
    'WARN  dead letter (reason NOT_JSON, detail Unexpected token, query bars, topic ticks, partition 0, offset 7, requestId r-1)',
  )
})

test('control characters from records do not reach the terminal in a notice', () => {
  const line = JSON.stringify({ level: 'WARN', message: 'dead letter', detail: '\u001b[2J\u0007\nERROR forged' })
  const { notice } = present('stdout', line, false)
  expect(notice).toContain('\\u001b[2J\\u0007\\u000aERROR forged')
  expect(present('stderr', '\u001b[31mred', false).notice).toBe('\\u001b[31mred')
})

test("the framework's own talk goes to the log file; the mapping's words and unknown lines are shown", () => {
  const chatter = [
    'Starting Offline at stage dev (us-east-1)',
    'Offline [http for lambda] listening on http://localhost:3002',
    '   * tape: microbatch-dev-tape',
    '(λ: tape) RequestId: 8677852b-01ff  Duration: 179.40 ms  Billed Duration: 180 ms',
    '      at tape (/app/h.ts:1:191)',
    '',
  ]
  for (const line of chatter) {
    expect(present('stderr', line, false)).toEqual({ log: JSON.stringify({ level: 'DEBUG', message: line }) })
  }
  expect(present('stderr', 'Kafka at localhost:9092 does not answer; waiting', false).notice).toBe(
    'Kafka at localhost:9092 does not answer; waiting',
  )
  expect(present('stderr', '× Error: boom', false).notice).toBe('× Error: boom')
})

test('the busy port is read from the words of Node', () => {
  expect(busyPort('× Error: listen EADDRINUSE: address already in use 127.0.0.1:3000')).toBe(3000)
  expect(busyPort('Error: listen EADDRINUSE: address already in use :::3002')).toBe(3002)
  expect(busyPort('Offline [http for lambda] listening on http://localhost:3002')).toBeUndefined()
})
