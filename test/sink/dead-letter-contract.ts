// What every dead-letter sink promises: each letter whole, in order, under an id that stays the same, and a rejection when it
// is not safe.

import { describe, expect, test } from 'vitest'
import { type DeadLetter, type DeadLetterSink, deadLetterOf } from '../../lib/sink/dead-letter.ts'
import { deadLetterJson } from '../../lib/sink/dead-letter-json.ts'
import { aRecord } from '../builders.ts'

export interface SinkUnderTest {
  readonly sink: DeadLetterSink
  /** What it keeps now, in the form of deadLetterJson, in order. */
  readonly kept: () => readonly string[]
  /** Makes whatever it writes to refuse from now on; absent for one that cannot fail. */
  readonly breakDown?: () => void | Promise<void>
}

const awkward = aRecord({
  partition: 1,
  offset: 9,
  key: null,
  value: Buffer.from([0xff, 0x0a, 0x00]),
  headers: [
    { key: 'h', value: null },
    { key: 'h', value: Buffer.from('twice\uffff') },
    { key: '\u0001\ufffe', value: Buffer.alloc(0) },
  ],
})

const letters = (from: number, count: number): readonly DeadLetter[] =>
  Array.from({ length: count }, (_, i) =>
    deadLetterOf('tape', aRecord({ offset: from + i, value: `not json ${i}` }), 'NOT_JSON', 'why'),
  )

/** @param make a new sink with nothing in it, for each test */
export function deadLetterContract(name: string, make: () => Promise<SinkUnderTest>): void {
  describe(`${name}, as every dead-letter sink`, () => {
    test('keeps each letter with its coordinates and its bytes, in order', async () => {
      const { sink, kept } = await make()
      const first = deadLetterOf('tape', awkward, 'NOT_UTF8', 'not \u0007 UTF-8 \uffff')
      const second = deadLetterOf('tape', aRecord({ value: null }), 'TOMBSTONE', 'why')
      await sink.send([first, second])
      expect(kept()).toEqual([deadLetterJson(first), deadLetterJson(second)])
      expect(kept().map((text) => JSON.parse(text))).toMatchObject([
        {
          id: 'stock-ticks-1-9',
          key: null,
          value: '/woA',
          headers: [
            ['h', null],
            ['h', 'dHdpY2Xvv78='],
            ['\u0001\ufffe', ''],
          ],
        },
        { id: 'stock-ticks-0-0', key: 'QUFQTA==', value: null, reason: 'TOMBSTONE' },
      ])
    })

    test('keeps nothing of a batch without dead letters', async () => {
      const { sink, kept } = await make()
      await sink.send([])
      expect(kept()).toEqual([])
    })

    test('keeps a batch that comes again under the same ids', async () => {
      const { sink, kept } = await make()
      await sink.send(letters(0, 3))
      await sink.send(letters(0, 3))
      const ids = kept().map((text) => JSON.parse(text).id)
      expect(ids).toEqual([...ids.slice(0, 3), ...ids.slice(0, 3)])
    })

    test('keeps as many as a batch can hold', async () => {
      const { sink, kept } = await make()
      await sink.send(letters(0, 1234))
      expect(kept().map((text) => JSON.parse(text).offset)).toEqual(Array.from({ length: 1234 }, (_, i) => i))
    })

    test('rejects when the letters are not safe, so that the batch comes again', async () => {
      const { sink, kept, breakDown } = await make()
      if (breakDown === undefined) return
      await sink.send(letters(0, 2))
      await breakDown()
      await expect(sink.send(letters(2, 2))).rejects.toMatchObject({ code: 'SINK_FAILED' })
      expect(kept()).toHaveLength(2)
    })
  })
}
