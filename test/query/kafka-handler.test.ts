import { describe, expect, test } from 'vitest'
import { Tick } from '../../handlers/ticks/tick.ts'
import {
  type DeadLetterSink,
  fileDeadLetters,
  json,
  kafkaHandler,
  memoryDeadLetters,
  memoryState,
  queueDeadLetters,
  type StateStore,
  stream,
} from '../../lib/index.ts'
import { anEvent, aRecord, keepingSink } from '../builders.ts'

const ticks = stream('tape').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))
const onLambda = { invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:tape' }
const onServerlessOffline = { invokedFunctionArn: 'offline_invokedFunctionArn_for_tape' }
const event = anEvent([aRecord()])

describe('dead letters that end with the container', () => {
  const make = (deadLetters: DeadLetterSink = memoryDeadLetters()) => {
    const sink = keepingSink()
    return { sink, handler: kafkaHandler(ticks.writeStream({ sinks: [sink] }), { deadLetters }) }
  }
  test('are refused by the first invocation on Lambda, which writes nothing and names the way out', async () => {
    const { sink, handler } = make(fileDeadLetters('letters.ndjson'))
    await expect(handler(event, onLambda)).rejects.toThrow(
      /tape: on Lambda these dead letters would be lost.*DEAD_LETTER_QUEUE_URL/,
    )
    await expect(handler(event, onLambda)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(sink.batches).toEqual([])
  })
  test('a queue is not', async () => {
    const { handler } = make(queueDeadLetters({ queueUrl: 'https://sqs.example/1/letters' }))
    await expect(handler(event, onLambda)).resolves.toMatchObject({ numInputRows: 1 })
  })
  test.each([
    ['serverless-offline', onServerlessOffline],
    ['a tool that gives no such context', { awsRequestId: '1' }],
    ['a call without a context', undefined],
  ])('on a laptop they are what there is: %s', async (_, context) => {
    await expect(make().handler(event, context)).resolves.toMatchObject({ numInputRows: 1 })
  })
})

describe('state that containers do not share', () => {
  const make = (state: StateStore = memoryState()) =>
    kafkaHandler(
      ticks
        .groupBy('symbol')
        .count()
        .writeStream({ outputMode: 'update', sinks: [keepingSink()] }),
      { state, deadLetters: { send: async () => undefined } },
    )
  test.each([
    ['Lambda', onLambda],
    ['serverless-offline', onServerlessOffline],
  ])('is refused under %s, where each worker would have its own', async (_, context) => {
    await expect(make()(event, context)).rejects.toThrow(/tape: memory state is not shared.*dynamoState/)
  })
  test('is taken where one process is all there is', async () => {
    await expect(make()(event)).resolves.toMatchObject({ numInputRows: 1 })
  })
  test('a store of one’s own says whether it is shared', async () => {
    await expect(make({ ...memoryState(), isShared: true })(event, onLambda)).resolves.toMatchObject({
      numInputRows: 1,
    })
  })
})
