import { describe, expect, test } from 'vitest'
import { count } from '../../lib/aggregate/functions/built-in.ts'
import { array, decimal } from '../../lib/decode/columns.ts'
import { json } from '../../lib/decode/json.ts'
import { double, int, string, struct } from '../../lib/decode/schema.ts'
import { avg, Decimal, max, min, type StreamingQuery, stream, sum } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { keepingSink } from '../builders.ts'
import { type Golden, type GoldenRow, golden, goldenRow } from '../golden2.ts'

const sorted = (rows: readonly GoldenRow[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort()

/** The rows of each phase, restarted in between so that all state has been written and read. */
async function updatesOf(query: StreamingQuery<object>, { batches }: Golden): Promise<readonly (readonly string[])[]> {
  const driver = testDriver(query)
  const phases: (readonly string[])[] = []
  for (const { input } of batches) {
    const { rows, deadLetters } = await driver.addRecords(input.map(({ value }) => ({ value })))
    expect(deadLetters).toEqual([])
    phases.push(sorted(rows.map((row) => goldenRow(query.plan.columns, row as GoldenRow))))
    await driver.restart()
  }
  return phases
}

const sparks = ({ expected: { update = [] } }: Golden): readonly (readonly string[])[] =>
  update.map((phase) => sorted(phase.flatMap(({ rows }) => rows)))

const write = { outputMode: 'update', sinks: [keepingSink()] } as const

describe('groups in update mode are those of Spark 3.5.3', () => {
  test('agg-decimal: sums and means have the types of Spark, and overflow to null for good', async () => {
    const Row = struct({ g: string(), x: decimal(10, 2), y: decimal(38, 2), z: decimal(5, 0) })
    const query = stream('q')
      .readKafka({ topic: 't' })
      .decode(json(Row, { malformed: 'null' }))
      .withColumn('x2', ({ x }) => x?.times(Decimal.of(2)) ?? null, decimal(12, 2).nullable())
      .groupBy('g')
      .agg({
        ...{ sx: sum('x'), ax: avg('x'), mnx: min('x'), mxx: max('x'), sy: sum('y'), ay: avg('y') },
        ...{ sz: sum('z'), az: avg('z'), s2: sum('x2'), n: count('x') },
      })
      .withColumn(
        'q',
        ({ sx, n }) => (n === 0 ? null : (sx?.dividedBy(Decimal.of(n), 20) ?? null)),
        decimal(38, 20).nullable(),
      )
      .drop('n')
      .writeStream(write)
    const file = golden('agg-decimal')
    expect(await updatesOf(query, file)).toEqual(sparks(file))
    const types = Array.from(query.plan.columns.values(), ({ type }) => type.sparkName)
    expect(types.slice(1, -2)).toEqual(
      ['20,2', '14,6', '10,2', '10,2', '38,2', '38,6', '15,0', '9,4'].map((shape) => `DECIMAL(${shape})`),
    )
  })

  test('agg-key-types: lists, objects, decimals and doubles are keys', async () => {
    const Row = struct({
      ...{ d: double(), s: struct({ x: int(), y: int() }), a: array(int()), m: decimal(6, 2), x: int() },
    })
    const query = stream('q')
      .readKafka({ topic: 't' })
      .decode(json(Row, { malformed: 'null' }))
      .groupBy('d', 's', 'a', 'm')
      .agg({ n: count(), sx: sum('x') })
      .writeStream(write)
    const file = golden('agg-key-types')
    expect(await updatesOf(query, file)).toEqual(sparks(file))
  })
})
