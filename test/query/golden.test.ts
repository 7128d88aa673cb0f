// The streaming results of Spark 3.5.0, batch by batch: append, update and complete, from the same bytes in the same
// micro-batches, with Spark's from_json and Spark's own watermark policy. What differs by decision is listed here, by file and mode, with the reason.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  avg,
  consoleSink,
  count,
  double,
  json,
  long,
  max,
  min,
  type OutputMode,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import {
  bytesOf,
  type GoldenGroup,
  type GoldenQuery,
  type GoldenRecord,
  goldenNames,
  readGolden,
} from '../aggregate/golden-table.ts'
import { keepingSink } from '../builders.ts'

const modes = ['append', 'update', 'complete'] as const

/** A cell that may differ from Spark's, and the test that it differs in just the way that was decided. */
interface Deviation {
  readonly file: string
  readonly modes: readonly OutputMode[]
  readonly column: keyof GoldenGroup
  readonly symbols: readonly string[]
  readonly holds: (spark: unknown, ours: unknown) => boolean
}

const deviations: readonly Deviation[] = [
  {
    // Volumes beyond 2^53 - 1 are refused when decoded (here: null); Spark adds them and wraps at 64 bits.
    file: 'numbers',
    modes,
    column: 'sum_volume',
    symbols: ['BIG', 'MIN'],
    holds: (spark, ours) => typeof spark === 'bigint' && Number.isSafeInteger(ours),
  },
  {
    // Sums of doubles are exactly rounded; Spark's carry the rounding of every addition, which depends on the batches.
    file: 'sliding-windows',
    modes: ['update', 'complete'],
    column: 'avg_price',
    symbols: ['AAPL'],
    holds: (spark, ours) => Math.abs(Number(spark) / Number(ours) - 1) < 2 * Number.EPSILON,
  },
]

const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })

/** The golden query in the public face; the aggregates are the columns of the golden tables. */
function goldenQuery(name: string, query: GoldenQuery, outputMode: OutputMode) {
  const rows = stream(name)
    .readKafka({ topic: name })
    .decode(json(Tick, { malformed: 'null' }))
  const timed = query.watermark === undefined ? rows : rows.withWatermark('timestamp', query.watermark)
  const aggregates = {
    n: count(),
    n_price: count('price'),
    avg_price: avg('price'),
    min_price: min('price'),
    max_price: max('price'),
    sum_volume: sum('volume'),
  } as const
  const options = { outputMode, sinks: [keepingSink()], watermarkPolicy: 'max', maxFuture: 'off' } as const
  if (query.window === undefined) return timed.groupBy('symbol').agg(aggregates).writeStream(options)
  const windowed = window('timestamp', query.window, query.slide, query.start)
  return timed.groupBy(windowed, 'symbol').agg(aggregates).writeStream(options)
}

interface Phase {
  readonly watermark?: string | undefined
  readonly dropped?: number | undefined
  /** Groups in state after the phase. */
  readonly open?: number | undefined
  readonly updated?: number | undefined
  readonly removed?: number | undefined
  readonly rows: readonly GoldenGroup[]
}

const notRun: Phase = { rows: [] }

/** What our query gives, phase by phase: one batch each. An empty phase runs nothing. */
async function ourPhases(name: string, mode: OutputMode): Promise<readonly Phase[]> {
  const file = readGolden(name)
  const driver = testDriver(goldenQuery(name, file.query, mode))
  const phases: Phase[] = []
  for (const { input } of file.batches) {
    if (input.length === 0) {
      phases.push(notRun)
      continue
    }
    const { progress, rows: emitted } = await driver.addRecords(input.map(recordOf))
    phases.push({
      watermark: progress.eventTime?.watermark,
      dropped: progress.stateOperators[0]?.numRowsDroppedByWatermark,
      open: progress.stateOperators[0]?.numRowsTotal,
      updated: progress.stateOperators[0]?.numRowsUpdated,
      removed: progress.stateOperators[0]?.numRowsRemoved,
      rows: sorted((emitted as readonly OurGroup[]).map(flat)),
    })
  }
  return phases
}

/** What Spark gave: the data batch and the no-data batch of a phase are one of ours. */
function sparkPhases(name: string, mode: OutputMode): readonly Phase[] | { readonly error: string } {
  const phases = readGolden(name).expected[mode]
  if ('error' in phases) return phases
  return phases.map((batches): Phase => {
    if (batches.length === 0) return notRun
    // In complete mode each of them has the whole table; the last one counts.
    const rows = mode === 'complete' ? (batches.at(-1)?.rows ?? []) : batches.flatMap((batch) => batch.rows)
    return {
      watermark: batches[0]?.eventTime?.watermark,
      dropped: batches.reduce((total, { state }) => total + state.numRowsDroppedByWatermark, 0),
      open: batches.at(-1)?.state.numRowsTotal,
      updated: batches.reduce((total, { state }) => total + state.numRowsUpdated, 0),
      removed: batches.reduce((total, { state }) => total + state.numRowsRemoved, 0),
      rows: sorted(rows),
    }
  })
}

const recordOf = (record: GoldenRecord) => ({
  partition: record.partition,
  key: record.key,
  value: bytesOf(record),
  timestamp: record.kafka_timestamp,
})

type OurGroup = Omit<GoldenGroup, 'window_start' | 'window_end'> & {
  readonly window?: { readonly start: number; readonly end: number }
}

const flat = ({ window, ...group }: OurGroup): GoldenGroup =>
  window === undefined ? group : { window_start: window.start, window_end: window.end, ...group }

const sorted = (rows: readonly GoldenGroup[]): readonly GoldenGroup[] =>
  rows.toSorted(
    (a, b) => (a.window_start ?? 0) - (b.window_start ?? 0) || (String(a.symbol) < String(b.symbol) ? -1 : 1),
  )

/** Spark's phases with our value in the cells that may differ, if it differs as decided. */
function withDeviations(
  name: string,
  mode: OutputMode,
  spark: readonly Phase[],
  ours: readonly Phase[],
): readonly Phase[] {
  const decided = deviations.filter(({ file, modes }) => file === name && modes.includes(mode))
  return spark.map((phase, p) => ({
    ...phase,
    rows: phase.rows.map((row, r) => {
      const ourRow = ours[p]?.rows[r]
      const cells = decided.flatMap(({ column, symbols, holds }) =>
        symbols.includes(String(row.symbol)) && holds(row[column], ourRow?.[column])
          ? [[column, ourRow?.[column]]]
          : [],
      )
      return { ...row, ...Object.fromEntries(cells) }
    }),
  }))
}

describe.each(modes)('%s', (mode) => {
  test.each(goldenNames())('%s', async (name) => {
    const spark = sparkPhases(name, mode)
    if ('error' in spark) {
      expect(() => goldenQuery(name, readGolden(name).query, mode)).toThrow(spark.error)
      return
    }
    const ours = await ourPhases(name, mode)
    expect(ours).toEqual(withDeviations(name, mode, spark, ours))
  })
})

test.each(deviations)(
  '$file differs from Spark in $column, so the list above is no longer than it must be',
  async ({ file, modes }) => {
    for (const mode of modes) expect(await ourPhases(file, mode)).not.toEqual(sparkPhases(file, mode))
  },
)

describe('the records themselves print as Spark printed them', () => {
  const Row = struct({ symbol: string(), price: double(), volume: long(), timestamp: long() })
  const names = ['nulls-and-tombstones', 'per-symbol', 'seed-basic']
  test.each(
    names.flatMap(
      (name) =>
        [
          [name, true, ''],
          [name, false, '.full'],
        ] as const,
    ),
  )('%s, truncate=%s', async (name, truncate, suffix) => {
    let printed = ''
    const sinks = [consoleSink({ truncate, showQuery: false, write: (text) => (printed += `${text}\n`) })]
    const query = stream(name)
      .readKafka({ topic: name })
      .decode(json(Row, { malformed: 'null' }))
      .writeStream({ sinks })
    const driver = testDriver(query)
    // Spark runs batch 0 on the topic while it is empty.
    for (const { input } of [{ input: [] }, ...readGolden(name).batches]) await driver.addRecords(input.map(recordOf))
    expect(printed).toBe(readFileSync(new URL(`../golden/console/${name}.rows${suffix}.txt`, import.meta.url), 'utf8'))
  })
})
