// The aggregates of Spark 3.5.3, batch by batch and in every mode that its files have: rows, types, and the counts of state. What
// differs by decision is listed here, and counted.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  anyValue,
  array,
  avg,
  bitAnd,
  bitOr,
  bitXor,
  boolAnd,
  boolean,
  boolOr,
  byte,
  type Column,
  collectList,
  collectSet,
  corr,
  count,
  countDistinct,
  countIf,
  covarPop,
  covarSamp,
  Decimal,
  decimal,
  double,
  every,
  first,
  int,
  json,
  kurtosis,
  last,
  long,
  max,
  min,
  mode,
  type OutputMode,
  regrCount,
  regrIntercept,
  regrR2,
  regrSlope,
  type Stream,
  skewness,
  some,
  stddev,
  stddevPop,
  stddevSamp,
  stream,
  string,
  struct,
  sum,
  sumDistinct,
  timestamp,
  variance,
  varPop,
  varSamp,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { aRecord, keepingSink } from '../builders.ts'
import { type Golden, type GoldenRow, golden, goldenRow, type StateCounts, schemaOf } from '../golden2.ts'

/** Any stream, where types do not matter. */
type AnyStream = Stream<object, object>
type Fields = Readonly<Record<string, Column<unknown>>>

const of = <const F extends Fields>(fields: F) =>
  stream('q')
    .readKafka({ topic: 't' })
    .decode(json(struct(fields), { malformed: 'null' }))

/** What the plan of each file is here. */
const queries: Readonly<Record<string, () => AnyStream>> = {
  'agg-booleans': () =>
    of({ g: string(), x: boolean(), v: int() })
      .withColumn('vx', ({ v, x }) => (x === true ? v : null), int().nullable())
      .groupBy('g')
      .agg({
        ...{ ba: boolAnd('x'), bo: boolOr('x'), ev: every('x'), so: some('x'), an: some('x'), ci: countIf('x') },
        civ: countIf(({ v }) => v !== null && v > 1),
        cc: count(({ x }) => (x === true ? 1 : null)),
        cf: countIf(({ v }) => v !== null && v > 1),
        sf: sum('vx'),
      }),
  'agg-collect': () =>
    of({ g: string(), x: string() })
      .groupBy('g')
      .agg({
        ...{ l: collectList('x'), s: collectSet('x'), set: collectSet('x'), f: first('x') },
        ...{ fi: first('x', { ignoreNulls: true }), la: last('x'), li: last('x', { ignoreNulls: true }) },
        ...{ av: anyValue('x'), avi: anyValue('x', { ignoreNulls: true }), aa: collectList('x') },
      })
      .withColumn('ns', ({ set }) => set.length, int())
      .select('g', 'l', 's', 'ns', 'f', 'fi', 'la', 'li', 'av', 'avi', 'aa'),
  'agg-decimal': () =>
    of({ g: string(), x: decimal(10, 2), y: decimal(38, 2), z: decimal(5, 0) })
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
      .drop('n'),
  'agg-distinct-refused': () =>
    of({ g: string(), x: int() })
      .groupBy('g')
      .agg({ d: countDistinct('x'), sd: sumDistinct('x') }),
  'agg-having': () =>
    of({ id: string(), ts: timestamp(), v: long() })
      .groupBy('id')
      .agg({ n: count(), total: sum('v') })
      .where(({ total, n }) => (total ?? 0) > 3 || n > 2)
      .withColumn('name', ({ id }) => id?.toUpperCase() ?? null, string().nullable())
      .withColumn('twice', ({ total }) => (total ?? 0) * 2, long().nullable())
      .withColumn('mean', ({ total, n }) => (total ?? 0) / n, double().nullable())
      .select('name', 'twice', 'mean'),
  'agg-key-types': () =>
    of({ d: double(), s: struct({ x: int(), y: int() }), a: array(int()), m: decimal(6, 2), x: int() })
      .groupBy('d', 's', 'a', 'm')
      .agg({ n: count(), sx: sum('x') }),
  'agg-mode-bits': () =>
    of({ g: string(), x: int(), y: double() })
      .groupBy('g')
      .agg({
        ...{ mo: mode('x'), ba: bitAnd('x'), bo: bitOr('x'), bx: bitXor('x'), rc: regrCount('y', 'x') },
        ...{ rs: regrSlope('y', 'x'), ri: regrIntercept('y', 'x'), r2: regrR2('y', 'x'), ay: avg('y') },
        ...{ high: max('x'), low: min('x'), total: sum('x'), n: count() },
      })
      .withColumn('span', ({ high, low }) => (high === null || low === null ? null : high - low), int().nullable())
      .withColumn(
        'ratio',
        ({ total, n }) => (total === null ? null : Decimal.of(total).dividedBy(Decimal.of(n), 16)),
        decimal(38, 16).nullable(),
      )
      .select('g', 'mo', 'ba', 'bo', 'bx', 'rc', 'rs', 'ri', 'r2', 'ay', 'span', 'ratio'),
  // A rollup is each row once more for each of its totals, told apart by the number of the columns that are summed over.
  'agg-rollup-cube': () =>
    of({ a: string(), b: string(), x: int() })
      .flatMap(
        (row) => [
          { ...row, ga: 0, gid: 0 },
          { ...row, b: null, ga: 0, gid: 1 },
          { ...row, a: null, b: null, ga: 1, gid: 3 },
        ],
        { ga: byte(), gid: long() },
      )
      .groupBy('a', 'b', 'gid', 'ga')
      .agg({ s: sum('x') })
      .select('a', 'b', 's', 'ga', 'gid'),
  'agg-statistics': () =>
    of({ g: string(), x: double(), y: double() })
      .groupBy('g')
      .agg({
        ...{ sd: stddev('x'), sds: stddevSamp('x'), sdp: stddevPop('x') },
        ...{ var: variance('x'), vs: varSamp('x'), vp: varPop('x'), sk: skewness('x'), ku: kurtosis('x') },
        ...{ corr: corr('x', 'y'), cs: covarSamp('x', 'y'), cp: covarPop('x', 'y') },
      }),
}

/** A mode in which Spark refuses what a stream can do here. */
interface Allowed {
  readonly file: string
  readonly mode: OutputMode
  readonly words: string
}

const words = 'Distinct aggregations are not supported on streaming DataFrames/Datasets.'
const allowed: readonly Allowed[] = [
  { file: 'agg-distinct-refused', mode: 'update', words },
  { file: 'agg-distinct-refused', mode: 'complete', words },
]

/** What a phase came to: the counts of state are those after it. */
interface Phase {
  readonly rows: readonly GoldenRow[]
  readonly watermark: string | undefined
  readonly counts: StateCounts | undefined
}

const countsOf = (state: readonly { readonly [Name in keyof StateCounts]: number }[] = []): StateCounts | undefined => {
  const [operator] = state
  if (operator === undefined) return undefined
  const { numRowsTotal, numRowsUpdated, numRowsRemoved, numRowsDroppedByWatermark } = operator
  return { numRowsTotal, numRowsUpdated, numRowsRemoved, numRowsDroppedByWatermark }
}

const sorted = (rows: readonly GoldenRow[]): readonly GoldenRow[] =>
  rows.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))

/** Restarted after each phase, so that all state has been written and read. */
async function ourPhases(name: string, outputMode: OutputMode): Promise<readonly Phase[]> {
  const query = queryOf(name).writeStream({ outputMode, sinks: [keepingSink()] })
  const driver = testDriver(query)
  const phases: Phase[] = []
  for (const { input } of golden(name).batches) {
    const { rows, deadLetters, progress } = await driver.addRecords(input.map(({ value }) => ({ value })))
    expect(deadLetters).toEqual([])
    phases.push({
      rows: sorted(rows.map((row) => goldenRow(query.plan.columns, row as GoldenRow))),
      watermark: progress.eventTime?.watermark,
      counts: countsOf(progress.stateOperators),
    })
    await driver.restart()
  }
  return phases
}

type Answers = NonNullable<Golden['expected']['update']>

/** One data batch a phase: without a watermark there is no other. */
const sparksPhases = (answers: Extract<Answers, readonly unknown[]>): readonly Phase[] =>
  answers.map(([batch]) => ({
    rows: sorted(batch?.rows ?? []),
    watermark: batch?.eventTime?.watermark,
    counts: countsOf(batch?.state),
  }))

/** The last digits of a statistic go by the order of the rows in Spark; here they are exact. */
const nearly = (spark: unknown, ours: unknown): unknown => {
  if (typeof spark === 'number' && typeof ours === 'number') {
    return Math.abs(spark - ours) <= 1e-12 * Math.max(1, Math.abs(spark)) ? ours : spark
  }
  if (Array.isArray(spark)) return spark.map((item, i) => nearly(item, Array.isArray(ours) ? ours[i] : undefined))
  if (typeof spark !== 'object' || spark === null) return spark
  const other: Readonly<Record<string, unknown>> = typeof ours === 'object' && ours !== null ? { ...ours } : {}
  return Object.fromEntries(Object.entries(spark).map(([name, value]) => [name, nearly(value, other[name])]))
}

function queryOf(name: string): AnyStream {
  const query = queries[name]
  if (query === undefined) throw new Error(`no query for ${name}`)
  return query()
}

const modes = ['append', 'update', 'complete'] as const
const cases = Object.keys(queries).flatMap((name) =>
  modes.flatMap((mode) => (golden(name).expected[mode] === undefined ? [] : [[name, mode] as const])),
)

describe('the batches of a stream', () => {
  test.each(cases)('%s, %s', async (name, outputMode) => {
    const answers = golden(name).expected[outputMode]
    if (answers === undefined) throw new Error(`no ${outputMode} in ${name}`)
    const difference = allowed.find(({ file, mode }) => file === name && mode === outputMode)
    if ('error' in answers) {
      if (difference !== undefined) {
        expect(answers.error).toContain(difference.words)
        expect((await ourPhases(name, outputMode)).at(-1)?.rows).toEqual(batchOf(name))
        return
      }
      const write = () => queryOf(name).writeStream({ outputMode, sinks: [keepingSink()] })
      expect(write).toThrow(answers.error)
      return
    }
    const ours = await ourPhases(name, outputMode)
    expect(ours).toEqual(nearly(sparksPhases(answers), ours))
  })
})

/** What Spark gave for all rows at once. */
function batchOf(name: string): readonly GoldenRow[] {
  const { batch } = golden(name).expected
  return batch === undefined || 'error' in batch ? [] : sorted(batch.rows)
}

describe('all rows at once', () => {
  test.each(Object.keys(queries))('%s', (name) => {
    const { schema, batches } = golden(name)
    const codec = json(schemaOf(schema), { malformed: 'null' })
    const rows = batches.flatMap(({ input }) =>
      input.flatMap(({ value }) => {
        const decoded = codec.decode(aRecord({ value }))
        return decoded.kind === 'row' ? [decoded.row] : []
      }),
    )
    const query = queryOf(name)
    const ours = sorted(query.runBatch(rows).map((row) => goldenRow(query.plan.columns, row as GoldenRow)))
    expect(ours.length).toBeGreaterThan(0)
    expect(ours).toEqual(nearly(batchOf(name), ours))
  })
})

test('the table of docs/from-spark.md counts the modes that are allowed here', () => {
  const page = readFileSync('docs/from-spark.md', 'utf8')
  const table = Array.from(page.matchAll(/^\| `(agg-[a-z-]+)\.json` +\| (\d+) +\|/gm), ([, file, count]) => [
    file,
    Number(count),
  ])
  const files = new Set(allowed.map(({ file }) => file))
  expect(table).toEqual(Array.from(files, (name) => [name, allowed.filter(({ file }) => file === name).length]))
})

test.each(Object.keys(queries))('the columns of %s have the types of Spark', (name) => {
  const types = Array.from(queryOf(name).plan.columns, ([column, { type }]) => `${column}:${type.sparkName}`)
  const ours = `struct<${types.join(',')}>`.toLowerCase().replaceAll(': ', ':').replaceAll(', ', ',')
  expect(ours).toBe(golden(name).outputSchema)
})
