// npm run bench:spark: one query over one topic, by PySpark and by ours, in turns, on one machine: wall time from the start of the
// processes to the last record done, CPU seconds and peak memory over all processes. Ratios of one run are what counts.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../../local/cli/whole-number.ts'
import { startKafka } from '../../local/kafka/broker.ts'
import { freePort } from '../../local/process/port.ts'
import { median } from '../measure.ts'
import { type BarSums, openArchives } from './archive.ts'
import { runBatchMode } from './batch-mode.ts'
import { runOurs } from './ours.ts'
import type { Usage } from './process-tree.ts'
import { installPySpark, runPySpark } from './pyspark.ts'
import { loadTicks } from './ticks.ts'

const help = `npm run bench:spark -- [--records 2000000] [--symbols 100] [--window '10 seconds'] [--partitions 4] [--batch N] [--rounds 1]

  --records N     ticks in the topic, a millisecond of event time apart
  --symbols N     of which each tick has one; 5, 100, 10000 and 1000000 are worth a look
  --window TEXT   of event time
  --partitions N  of the topic
  --batch N       records of one batch of Spark (maxOffsetsPerTrigger); without it all is one batch, which is Spark's default.
                  Ours are of 10,000 in either case, as on Lambda
  --rounds N      of which the median counts
  --only NAME     spark, spark2 (with 2 shuffle partitions in place of 200), batch (microbatch batch), ours; sparkfiles and files, which write every
                  tick to files of Parquet in a folder, sparks3 and s3, which write them to an S3 on this machine (moto), and all four are counted by
                  DuckDB; again for more
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    records: { type: 'string' },
    symbols: { type: 'string' },
    window: { type: 'string', default: '10 seconds' },
    partitions: { type: 'string' },
    batch: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string', multiple: true, default: ['spark', 'spark2', 'batch', 'ours'] },
  },
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}

const records = wholeNumber('--records', values.records, 1) ?? 2_000_000
const symbols = wholeNumber('--symbols', values.symbols, 1) ?? 100
const partitions = wholeNumber('--partitions', values.partitions, 1) ?? 4
const rounds = wholeNumber('--rounds', values.rounds, 1) ?? 1
const batchSize = wholeNumber('--batch', values.batch, 1)
const { window } = values

type Result = Usage & { readonly seconds: number; readonly sums?: BarSums }
type Contestant = (brokers: readonly string[], round: number) => Promise<Result>

const topic = 'ticks'
const log = (line: string) => console.error(line)
const spark = values.only.some((name) => name.startsWith('spark'))
  ? await installPySpark(log, values.only.includes('sparks3'))
  : undefined
const files = mkdtempSync(join(tmpdir(), 'microbatch-parquet-'))
const archives = await openArchives(
  files,
  values.only.filter((name) => name.endsWith('s3')),
)
const bySpark =
  (shufflePartitions: number, archive?: string): Contestant =>
  (brokers) => {
    if (spark === undefined) throw new Error('PySpark was not installed')
    return runPySpark(spark, {
      brokers,
      topic,
      window,
      shufflePartitions,
      batchSize,
      records,
      ...(archive && { archive: archives.of(archive), checkpoint: join(files, `${archive}-checkpoint`) }),
    })
  }
const byUs =
  (archive?: string): Contestant =>
  (brokers, round) =>
    runOurs({
      ...{ brokers, topic, partitions, window, records, groupId: `${archive ?? 'bench'}-${round}` },
      archive: archive === undefined ? undefined : archives.of(archive),
    })
const contestants = new Map<string, { readonly words: string; readonly run: Contestant }>([
  ['spark', { words: 'PySpark, its defaults', run: bySpark(200) }],
  ['spark2', { words: 'PySpark, 2 shuffle partitions', run: bySpark(2) }],
  [
    'batch',
    { words: 'microbatch batch, no state', run: (brokers) => runBatchMode({ brokers, topic, window, partitions }) },
  ],
  ['ours', { words: 'microbatch, sls offline', run: byUs() }],
  ['sparkfiles', { words: 'PySpark, to Parquet', run: bySpark(2, 'sparkfiles') }],
  ['files', { words: 'microbatch, to Parquet', run: byUs('files') }],
  ['sparks3', { words: 'PySpark, to Parquet on S3', run: bySpark(2, 'sparks3') }],
  ['s3', { words: 'microbatch, to Parquet on S3', run: byUs('s3') }],
])
const withFiles = ['sparkfiles', 'files', 'sparks3', 's3']
const chosen = values.only.map((name) => {
  const contestant = contestants.get(name)
  if (contestant === undefined) throw new Error(`--only ${name}: expected ${[...contestants.keys()].join(', ')}`)
  return { ...contestant, name, results: [] as Result[] }
})

const dataDir = mkdtempSync(join(tmpdir(), 'microbatch-bench-'))
const stopped = new AbortController()
process.once('SIGINT', () => stopped.abort())
const kafka = await startKafka({ dataDir, port: await freePort(), log, signal: stopped.signal })
try {
  const { brokers } = kafka
  await loadTicks({ brokers, topic, records, symbols, partitions }, (sent) => {
    if (sent % 200_000 === 0) log(`${sent.toLocaleString('en-US')} ticks sent`)
  })
  for (let round = 0; round < rounds; round += 1)
    for (const { name, words, run, results } of chosen) {
      if (stopped.signal.aborted) throw new Error('stopped')
      rmSync(join(files, `${name}-checkpoint`), { recursive: true, force: true })
      await archives.empty(name)
      const result = await run(brokers, round)
      results.push(result)
      log(`${words}: ${result.seconds.toFixed(1)} s`)
    }
  console.log(
    `${records.toLocaleString('en-US')} ticks of ${symbols.toLocaleString('en-US')} symbols, windows of ${window}, partitions: ${partitions}`,
  )
  const first = chosen[0]
  const secondsOf = (results: readonly Result[]) => median(results.map(({ seconds }) => seconds))
  for (const { words, results } of chosen) {
    const seconds = secondsOf(results)
    const cells = [
      `${seconds.toFixed(1)} s`,
      `${Math.round(records / seconds).toLocaleString('en-US')} rows/s`,
      `${median(results.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1)} CPU s`,
      `${median(results.map(({ peakMb }) => peakMb)).toFixed(0)} MB`,
      `${(seconds / secondsOf(first?.results ?? [])).toFixed(2)} of the first`,
    ]
    console.log(`  ${words.padEnd(32)}${cells.map((cell) => cell.padStart(18)).join('')}`)
  }
  const found: { readonly words: string; readonly sums: BarSums }[] = []
  for (const { name, words, results } of chosen) {
    const sums = withFiles.includes(name) ? await archives.sums(name, window) : results[0]?.sums
    if (sums !== undefined) found.push({ words, sums })
  }
  for (const { words, sums } of found)
    console.log(`  ${words.padEnd(32)}bars, ticks, lows, highs, volume ${JSON.stringify(sums)}`)
  if (new Set(found.map(({ sums }) => JSON.stringify(sums))).size > 1)
    throw new Error('The contestants did not find the same bars.')
} finally {
  await archives.close()
  await kafka.stop()
  for (const folder of [dataDir, files]) rmSync(folder, { recursive: true, force: true })
}
