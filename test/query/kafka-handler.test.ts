import { afterEach, describe, expect, test, vi } from 'vitest'
import { Tick } from '../../handlers/ticks/tick.ts'
import { fileDeadLetters, json, kafkaHandler, memoryDeadLetters, queueDeadLetters, stream } from '../../lib/index.ts'

afterEach(() => vi.unstubAllEnvs())

const query = stream('tape').readKafka({ topic: 'stock-ticks' }).decode(json(Tick)).writeStream({ sinks: [] })

describe('dead letters that end with the container', () => {
  const make = (deadLetters = fileDeadLetters('letters.ndjson')) => kafkaHandler(query, { deadLetters })
  test('are refused on Lambda when the handler is made, naming the way out', () => {
    vi.stubEnv('AWS_LAMBDA_RUNTIME_API', '127.0.0.1:9001')
    expect(() => make()).toThrow(/tape: on Lambda these dead letters would be lost.*DEAD_LETTER_QUEUE_URL/)
    expect(() => make(memoryDeadLetters())).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })
  test('a queue is not', () => {
    vi.stubEnv('AWS_LAMBDA_RUNTIME_API', '127.0.0.1:9001')
    expect(() => make(queueDeadLetters({ queueUrl: 'https://sqs.example/1/letters' }))).not.toThrow()
  })
  test('on a laptop they are what there is', () => {
    vi.stubEnv('AWS_LAMBDA_RUNTIME_API', undefined)
    expect(() => make()).not.toThrow()
  })
})
