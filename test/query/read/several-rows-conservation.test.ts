// Whatever bytes a record of several rows has, each of its elements ends as exactly one of: a row, a dead letter with its number, or
// one that a policy dropped; or the record is one dead letter as a whole. Nothing throws, and nothing is there twice.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { double, json, long, stream, string, struct } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { keepingSink } from '../../builders.ts'

const Item = struct({ s: string(), n: long(), d: double().nullable() })
const element = fc.oneof(
  fc.record({ s: fc.string(), n: fc.integer(), d: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })) }),
  fc.record({ s: fc.anything({ maxDepth: 1 }), n: fc.double() }),
  fc.jsonValue({ maxDepth: 2 }),
)
const many = fc.constantFrom('array' as const, 'lines' as const)
const textOf = (elements: readonly unknown[], form: 'array' | 'lines'): string => {
  const texts = elements.map((one) => JSON.stringify(one) ?? 'null')
  return form === 'array' ? `[${texts.join(',')}]` : texts.join('\n')
}

/** One byte of a text changed, or the text cut: what a broken producer sends. */
const damage = fc.record({ at: fc.nat({ max: 400 }), byte: fc.nat({ max: 255 }), isCut: fc.boolean() })
const damaged = (text: string, { at, byte, isCut }: { at: number; byte: number; isCut: boolean }): Buffer => {
  const bytes = Buffer.from(text)
  const place = bytes.length === 0 ? 0 : at % bytes.length
  if (isCut) return bytes.subarray(0, place)
  bytes[place] = byte
  return bytes
}

const source = stream('q').readKafka({ topic: 't' })

/** The numbers of all that came of each record, in order; null for a letter of the whole. */
async function endsOf(query: Parameters<typeof testDriver>[0], values: readonly Buffer[]) {
  const { emitted, deadLetters, progress } = await testDriver(query).addRecords(values.map((value) => ({ value })))
  const ends = values.map((): (number | null)[] => [])
  for (const id of [...emitted.map((row) => row.id), ...deadLetters.map((letter) => letter.id)]) {
    const [, offset = '', index] = /^t-0-(\d+)(?:#(\d+))?$/.exec(id) ?? []
    ends[Number(offset)]?.push(index === undefined ? null : Number(index))
  }
  return { ends: ends.map((numbers) => numbers.sort((a, b) => Number(a) - Number(b))), progress, emitted }
}
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

test.prop([many, fc.array(fc.array(element, { maxLength: 8 }), { minLength: 1, maxLength: 5 })])(
  'of a text that comes apart, each element has one end',
  async (form, messages) => {
    const lists = messages.filter((elements) => form === 'array' || elements.length > 0)
    const values = lists.map((elements) => Buffer.from(textOf(elements, form)))
    const query = source.decode(json(Item, { many: form })).writeStream({ sinks: [keepingSink()] })
    const { ends } = await endsOf(query, values)
    expect(ends).toEqual(lists.map((elements) => upTo(elements.length)))

    const dropping = source
      .decode(json(Item, { many: form, malformed: 'drop' }))
      .writeStream({ sinks: [keepingSink()] })
    const dropped = await endsOf(dropping, values)
    const total = lists.reduce((sum, elements) => sum + elements.length, 0)
    expect(dropped.emitted.length + dropped.progress.numDroppedMalformed).toBe(total)

    const nulls = source.decode(json(Item, { many: form, malformed: 'null' })).writeStream({ sinks: [keepingSink()] })
    expect((await endsOf(nulls, values)).emitted).toHaveLength(total)
  },
)

test.prop([many, fc.array(fc.tuple(fc.array(element, { maxLength: 6 }), damage), { minLength: 1, maxLength: 6 })])(
  'of a damaged one, each number that there is has one end, or the record has one as a whole',
  async (form, messages) => {
    const values = messages.map(([elements, how]) => damaged(textOf(elements, form), how))
    const query = source
      .decode(json(Item, { many: form }))
      .flatMap(({ s, n, d }) => {
        if (n === 7) throw new Error('seven')
        return Array.from({ length: Math.abs(n) % 3 }, (_, i) => ({ s, d: d === null ? ('none' as never) : d, i }))
      })
      .writeStream({ sinks: [keepingSink()] })
    const { ends } = await endsOf(query, values)
    for (const numbers of ends) {
      // An element of which flatMap made no rows has no number.
      if (numbers.includes(null)) expect(numbers).toEqual([null])
      else expect(numbers).toEqual(upTo(numbers.length))
    }
    for (const malformed of ['drop', 'null'] as const) {
      const other =
        malformed === 'drop'
          ? source.decode(json(Item, { many: form, malformed }))
          : source.decode(json(Item, { many: form, malformed }))
      await endsOf(other.writeStream({ sinks: [keepingSink()] }), values)
    }
  },
)
