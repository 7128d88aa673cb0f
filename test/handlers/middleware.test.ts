import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { invocationLog, log, logBatch } from '../../handlers/log.ts'
import { addBatch, batchMetrics } from '../../handlers/metrics.ts'
import { Tick } from '../../handlers/ticks/tick.ts'
import {
  count,
  json,
  kafkaHandler,
  memoryDeadLetters,
  memoryState,
  type StreamingQueryProgress,
  stream,
  window,
} from '../../lib/index.ts'
import { anEvent, aTick, keepingSink, openingBellMs, recordsOf } from '../builders.ts'

const context = { getRemainingTimeInMillis: () => 10, awsRequestId: 'request-1' } as never
const written: string[] = []
const capture = (chunk: unknown): boolean => written.push(String(chunk)) > 0
const streams = [process.stdout, process.stderr].map((out) => vi.spyOn(out, 'write').mockImplementation(capture))
afterEach(() => {
  written.length = 0
})
afterAll(() => {
  for (const spy of streams) spy.mockRestore()
})

const lines = () => written.map((line) => JSON.parse(line))
const handler = (run: () => Promise<unknown>) => middy(run, { timeoutEarlyInMillis: 0 }).use(invocationLog())

const progressOf = async (values: Parameters<typeof recordsOf>[0]): Promise<StreamingQueryProgress> => {
  const query = stream('bars')
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick))
    .withWatermark('timestamp', '10 seconds')
    .groupBy(window('timestamp', '3 seconds'), 'symbol')
    .agg({ ticks: count() })
    .writeStream({ outputMode: 'update', sinks: [keepingSink()] })
  const run = kafkaHandler(query, {
    deadLetters: memoryDeadLetters(),
    state: memoryState(),
    partitions: 1,
    now: () => openingBellMs,
    log: () => undefined,
  })
  await run(anEvent(recordsOf([aTick()])))
  return run(anEvent(recordsOf(values, { offset: 1 })))
}

test('a batch is one structured line that begins with its level, and carries the id of its invocation', async () => {
  const progress = await progressOf([aTick({ timestamp: openingBellMs + 1000 }), 'not json'])
  await handler(async () => logBatch(progress))({}, context)
  expect(written).toHaveLength(1)
  expect(written[0]).toMatch(/^\{"level":"INFO","message":"batch",.*\}\n$/)
  const { timestamp, ...fields } = progress
  expect(lines()[0]).toMatchObject({ ...fields, started: timestamp, requestId: 'request-1' })
})

test("a record's own timestamp is not taken for that of the line", () => {
  log('WARN', 'dead letter', { offset: 7, timestamp: 5 })
  expect(lines()).toEqual([
    expect.objectContaining({ level: 'WARN', message: 'dead letter', offset: 7, recordTimestamp: 5 }),
  ])
  expect(Date.parse(lines()[0].timestamp)).toBeGreaterThan(5)
})

test('an error is logged and stays an error: a success would commit the offsets and lose the batch', async () => {
  const failing = handler(() => Promise.reject(new Error('sink away', { cause: new Error('disk full') })))
  await expect(failing({}, context)).rejects.toThrow('sink away')
  expect(lines()).toEqual([
    expect.objectContaining({
      level: 'ERROR',
      message: 'batch failed',
      error: 'sink away',
      cause: 'Error: disk full',
      requestId: 'request-1',
    }),
  ])
})

test('a batch that outlives its time is not reported as failed while it goes on', async () => {
  const slow = handler(() => new Promise((resolve) => setTimeout(resolve, 30, 'done')))
  expect(await slow({}, context)).toBe('done')
})

test("metrics of a batch are Spark's names, by query", async () => {
  const metrics = new Metrics({ namespace: 'microbatch', serviceName: 'microbatch' })
  addBatch(metrics, await progressOf([aTick({ timestamp: openingBellMs + 1000 }), 'not json']))
  expect(metrics.serializeMetrics()).toMatchObject({
    service: 'microbatch',
    query: 'bars',
    numInputRows: 2,
    numOutputRows: 1,
    numDeadLetters: 1,
    numDroppedMalformed: 0,
    numRowsWithoutEventTime: 0,
    numRowsUpdated: 1,
    numRowsRemoved: 0,
    numRowsDroppedByWatermark: 0,
    numLateRows: 0,
    triggerExecution: 0,
    // 10 s of delay, and the second by which this batch is ahead of the one that set the watermark
    watermarkGap: 11_000,
  })
})

test('a query without state and without rows has no watermark to be behind', async () => {
  const metrics = new Metrics({ namespace: 'microbatch', serviceName: 'microbatch' })
  const progress = await progressOf(['not json'])
  addBatch(metrics, progress)
  expect(metrics.serializeMetrics()).not.toHaveProperty('watermarkGap')
})

test('metrics are printed on Lambda, one line of the embedded format a batch, and never on a laptop', async () => {
  const progress = await progressOf([aTick()])
  batchMetrics({ service: 'microbatch-dev', isOnLambda: false })(progress)
  expect(written).toEqual([])
  const send = batchMetrics({ service: 'microbatch-prod', isOnLambda: true })
  send(progress)
  send(progress)
  expect(lines()).toHaveLength(2)
  const [{ _aws: emf, ...values }] = lines()
  expect(emf.CloudWatchMetrics).toMatchObject([{ Namespace: 'microbatch', Dimensions: [['service', 'query']] }])
  expect(values).toMatchObject({ service: 'microbatch-prod', query: 'bars', numInputRows: 1 })
})
