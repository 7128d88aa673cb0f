// Spark 3.5.3's rows for explode, explode_outer, inline_outer and two generators in one select, from the same texts: as a stream
// and in batch mode.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { array, int, json, map, type Stream, stream, string, struct } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { keepingSink } from '../../builders.ts'

interface Element {
  readonly k: string | null
  readonly v: number | null
}

interface Lists {
  readonly id: string | null
  readonly xs: readonly (Element | null)[] | null
  readonly m: ReadonlyMap<string, number | null> | null
}

interface Golden {
  readonly batches: readonly { readonly input: readonly { readonly value: string }[] }[]
  readonly expected: {
    readonly append: readonly (readonly { readonly rows: readonly object[] }[])[]
    readonly batch: { readonly rows: readonly object[] }
  }
}

/** `id STRING, xs ARRAY<STRUCT<k: STRING, v: INT>>, m MAP<STRING, INT>` */
const lists = stream('q')
  .readKafka({ topic: 't' })
  .decode(
    json(struct({ id: string(), xs: array(struct({ k: string(), v: int() })), m: map(int()) }), { malformed: 'null' }),
  )

const plans: Readonly<Record<string, Stream<object, Lists>>> = {
  'json-explode-outer': lists.explodeOuter('xs', 'x').select('id', 'x'),
  // Spark's inline_outer has no call of its own: a flatMap says it.
  'json-inline': lists.explodeOuter('xs', 'x').flatMap(({ id, x }) => [{ id, k: x?.k ?? null, v: x?.v ?? null }], {
    k: string().nullable(),
    v: int().nullable(),
  }),
  'json-two-generators': lists.explode('xs', 'x').explode('m').select('x', 'key', 'value'),
}

const sorted = (rows: readonly object[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort()

describe.each(Object.entries(plans))('%s', (name, plan) => {
  const golden: Golden = JSON.parse(readFileSync(`test/golden2/${name}.json`, 'utf8'))
  const values = golden.batches.flatMap(({ input }) => input)

  test('as a stream', async () => {
    const query = plan.writeStream({ sinks: [keepingSink()] })
    const driver = testDriver(query)
    for (const [i, { input }] of golden.batches.entries()) {
      const { rows } = await driver.addRecords(input)
      expect(sorted(rows)).toEqual(sorted(golden.expected.append[i]?.flatMap((batch) => batch.rows) ?? []))
    }
  })

  test('in batch mode', async () => {
    const decoding = testDriver(lists.writeStream({ sinks: [keepingSink()] }))
    const { rows: decoded } = await decoding.addRecords(values)
    expect(sorted(plan.runBatch(decoded))).toEqual(sorted(golden.expected.batch.rows))
  })
})
