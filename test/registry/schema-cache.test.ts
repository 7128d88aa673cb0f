import { describe, expect, test } from 'vitest'
import { schemaCache } from '../../lib/registry/schema-cache.ts'
import type { RegisteredSchema, SchemaRegistry } from '../../lib/registry/schema-registry.ts'

const schema: RegisteredSchema = { format: 'AVRO', schema: '"string"', references: [] }

/** A registry whose answers are set from outside; null is "no such schema". */
function aRegistry(answer: (id: string) => RegisteredSchema | null | Error) {
  const asked: string[] = []
  const registry: SchemaRegistry = {
    framing: 'confluent',
    description: 'the registry',
    async schema(id) {
      asked.push(id)
      const answered = answer(id)
      if (answered instanceof Error) throw answered
      return answered
    },
  }
  return { registry, asked }
}

test('a schema is asked for once and compiled once, whatever the number of records', async () => {
  const { registry, asked } = aRegistry(() => schema)
  let compiled = 0
  const cache = schemaCache({ registry, compile: () => ++compiled, unknownForMs: 0 })
  await cache.load(['7', '7', '8'])
  await cache.load(['8', '7'])
  expect(asked).toEqual(['7', '8'])
  expect(cache.get('7')).toEqual({ kind: 'compiled', compiled: 1 })
  expect(cache.get('9')).toBeUndefined()
})

test('a schema that cannot be compiled is unusable, with the reason', async () => {
  const { registry } = aRegistry(() => schema)
  const compile = () => {
    throw new Error('field price: a record')
  }
  const cache = schemaCache({ registry, compile, unknownForMs: 0 })
  await cache.load(['7'])
  expect(cache.get('7')).toEqual({ kind: 'unusable', detail: 'schema 7: field price: a record' })
})

describe('an id that the registry does not know', () => {
  function clocked(unknownForMs = 60_000) {
    let answer: RegisteredSchema | null | Error = null
    let nowMs = 1_000_000
    const { registry, asked } = aRegistry(() => answer)
    const cache = schemaCache({ registry, compile: ({ schema: text }) => text, unknownForMs, now: () => nowMs })
    return {
      ...{ cache, asked },
      answers: (next: RegisteredSchema | null | Error) => {
        answer = next
      },
      later: (ms: number) => {
        nowMs += ms
      },
    }
  }

  test('fails the batch for a minute, and then makes its records bad', async () => {
    const { cache, later } = clocked()
    await expect(cache.load(['7'])).rejects.toThrow('the registry has no schema 7. It is waited for, 60 s')
    later(59_999)
    await expect(cache.load(['7'])).rejects.toThrow('no schema 7')
    later(1)
    await cache.load(['7'])
    expect(cache.get('7')).toEqual({ kind: 'unknown', detail: 'the registry has no schema 7' })
  })

  test('is used as soon as the registry knows it', async () => {
    const { cache, later, answers } = clocked()
    await expect(cache.load(['7'])).rejects.toThrow('no schema 7')
    later(1000)
    answers(schema)
    await cache.load(['7'])
    expect(cache.get('7')).toMatchObject({ kind: 'compiled' })
  })

  test('that was given up is asked for again, once a minute', async () => {
    const { cache, later, answers, asked } = clocked()
    await cache.load(['7']).catch(() => undefined)
    later(60_000)
    await cache.load(['7'])
    await cache.load(['7'])
    expect(asked).toHaveLength(2)
    answers(schema)
    later(60_000)
    await cache.load(['7'])
    expect(cache.get('7')).toMatchObject({ kind: 'compiled' })
  })

  test('does not count the time in which the registry gave no answer', async () => {
    const { cache, later, answers } = clocked()
    answers(new Error('connection refused'))
    await expect(cache.load(['7'])).rejects.toThrow('the registry gave no answer for schema 7: connection refused')
    later(3_600_000)
    await expect(cache.load(['7'])).rejects.toThrow('connection refused')
    answers(null)
    await expect(cache.load(['7'])).rejects.toThrow('no schema 7')
  })

  test('is bad at once where nothing is waited for', async () => {
    const { cache } = clocked(0)
    await cache.load(['7'])
    expect(cache.get('7')).toMatchObject({ kind: 'unknown' })
  })
})

test('the ids of a batch of garbage are all asked for, and not more than 10,000 of them are kept', async () => {
  const { registry, asked } = aRegistry(() => null)
  const cache = schemaCache({ registry, compile: () => 0, unknownForMs: 0 })
  await cache.load(Array.from({ length: 10_001 }, (_, i) => String(i + 1)))
  expect(asked).toHaveLength(10_001)
  expect([cache.get('1'), cache.get('10001')]).toEqual([undefined, expect.objectContaining({ kind: 'unknown' })])
})
