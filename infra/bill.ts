// What a month of the deployed pipeline costs, from unit prices of a date and the list of its queries: `node infra/bill.ts` prints the
// table of docs/deploy.md, and a test holds the two equal. A model, not a quote: it counts what grows with the ticks, without free
// tiers, for one producer and queries like those of this repository.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** US dollars in us-east-1, as looked up for this table. */
export const pricesOf = '2026-11-22'
const price = {
  lambdaRequest: 0.2 / 1e6,
  /** arm64 */
  lambdaGbSecond: 0.0000133334,
  /** On demand, an item of up to 1 KB written; of up to 4 KB read consistently. */
  dynamoDbWrite: 0.625 / 1e6,
  dynamoDbRead: 0.125 / 1e6,
  logsGb: 0.5,
  customMetric: 0.3,
  /** A broker for an hour, and its disk for a month. */
  brokerHour: { 'kafka.t3.small': 0.0456, 'kafka.m7g.large': 0.204 },
  diskGb: 0.1,
  natHour: 0.045,
  natGb: 0.045,
  /** For each metric that it watches. */
  alarmMetric: 0.1,
} as const

const secondsOfMonth = 30 * 24 * 3600
const hoursOfMonth = 30 * 24
const memoryGb = 0.25
const windowSeconds = 3
const batchSize = 10_000
/** Numbers that handlers/metrics.ts sends for a query, by whether it keeps state. */
const metricsOf = (state: boolean): number => (state ? 10 : 5)
/** What a mapping sends by MetricsConfig: events polled, filtered out, invoked, failed, dropped, delivered elsewhere, committed. */
const metricsOfMapping = 7
/** Lag, errors and drops of each query; errors and runs of the producer; three of each queue; the disks of three brokers (resources/). */
const alarmMetricsOf = (queries: number): number => 3 * queries + 2 + 2 * 3 + 3
/** A tick with its key: in the event of an invocation (JSON around base64), and in a broker's log. */
const eventBytes = 250
const logBytes = 100
/** log.retention.hours of resources/cluster.ts, and how full a disk may get (its alarm). */
const retentionSeconds = 168 * 3600
const fullDisk = 0.8

/** A query, as `custom.microbatch.queries` has it. */
export interface BilledQuery {
  readonly name: string
  readonly state: boolean
}

export interface Load {
  readonly ticksPerSecond: number
  readonly symbols: number
  readonly broker: keyof typeof price.brokerHour
}

export const loads: readonly Load[] = [
  { ticksPerSecond: 1, symbols: 1, broker: 'kafka.t3.small' },
  { ticksPerSecond: 1000, symbols: 5, broker: 'kafka.t3.small' },
  { ticksPerSecond: 10_000, symbols: 100, broker: 'kafka.m7g.large' },
]

/** The disk that each of three brokers needs, since each has a replica of all: `brokerDiskGb`, in tens. */
const diskGb = (ticksPerSecond: number): number =>
  Math.max(50, Math.ceil((ticksPerSecond * retentionSeconds * logBytes) / 1e9 / fullDisk / 10) * 10)

/** Each item of the month, in dollars. @example bill(load, [{ name: 'bars', state: true }]).get('Lambda: bars') */
export function bill(
  { ticksPerSecond, symbols, broker }: Load,
  queries: readonly BilledQuery[],
): ReadonlyMap<string, number> {
  // The window opens at the first record, so a batch holds that one and those of the window, up to the batch size.
  const recordsPerBatch = Math.min(batchSize, ticksPerSecond * windowSeconds + 1)
  const batches = (ticksPerSecond / recordsPerBatch) * secondsOfMonth
  // Seconds of one batch: what it takes at all, and for each record; with state, its round trips to DynamoDB too.
  const secondsOf = (state: boolean) => (state ? 0.04 + recordsPerBatch * 60e-6 : 0.01 + recordsPerBatch * 50e-6)
  const lambda = (invocations: number, seconds: number) =>
    invocations * (price.lambdaRequest + seconds * memoryGb * price.lambdaGbSecond)
  // docs/state-protocol.md, as `npm run bench -- --only units` measures it: progress and the head of the one shard, and for each
  // group that a batch touches its image in the log, its part of a snapshot and their removal. Only progress is read.
  const touched = Math.min(recordsPerBatch, symbols * (1 + recordsPerBatch / ticksPerSecond / windowSeconds))
  const writes = batches * (4 + touched * 0.06)
  const reads = batches
  // What a query prints, a row for each tick or for each group that a batch touches, and the log lines of its batches.
  const rowBytes = (state: boolean) => (state ? batches * touched * 110 : ticksPerSecond * secondsOfMonth * 48)
  const logGb = sum(queries.map(({ state }) => rowBytes(state) + batches * 2500)) / 1e9
  const producerRuns = secondsOfMonth / 60
  // Pollers on demand invoke the functions by way of the cluster's network (developer guide, "Configuring your Amazon MSK
  // cluster and Amazon VPC network for Lambda"); provisioned ones do not.
  const natGb = (queries.length * ticksPerSecond * secondsOfMonth * eventBytes) / 1e9
  const metrics = sum(queries.map(({ state }) => metricsOf(state) + metricsOfMapping))
  return new Map([
    ...queries.map(({ name, state }) => [`Lambda: ${name}`, lambda(batches, secondsOf(state))] as const),
    ['Lambda: producer', lambda(producerRuns, 60)],
    ...queries
      .filter(({ state }) => state)
      .map(
        ({ name }) =>
          [`DynamoDB: groups of ${name}`, writes * price.dynamoDbWrite + reads * price.dynamoDbRead] as const,
      ),
    ['CloudWatch: what is printed', logGb * price.logsGb],
    [
      'CloudWatch: metrics and alarms',
      metrics * price.customMetric + alarmMetricsOf(queries.length) * price.alarmMetric,
    ],
    ['MSK: three brokers', 3 * price.brokerHour[broker] * hoursOfMonth],
    ['MSK: their disks, for seven days', 3 * diskGb(ticksPerSecond) * price.diskGb],
    ['NAT gateway, and what the pollers send by it', price.natHour * hoursOfMonth + natGb * price.natGb],
  ])
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)

/** The table of docs/deploy.md. */
export function billTable(queries: readonly BilledQuery[]): string {
  const bills = loads.map((load) => bill(load, queries))
  const names = [...(bills[0]?.keys() ?? [])]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const dollars = (value: number) => (value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en-US'))
  const heads = loads.map(
    ({ ticksPerSecond, symbols, broker }) =>
      `${ticksPerSecond.toLocaleString('en-US')} ${ticksPerSecond === 1 ? 'tick' : 'ticks'}/s, ${symbols} ${symbols === 1 ? 'symbol' : 'symbols'}, ${broker}, ${diskGb(ticksPerSecond)} GB`,
  )
  return [
    line([`US dollars a month, prices of ${pricesOf}`, ...heads]),
    line(['---', ...loads.map(() => '---:')]),
    ...names.map((name) => line([name, ...bills.map((items) => dollars(items.get(name) ?? 0))])),
    line(['**all**', ...bills.map((items) => `**${dollars(sum(items.values()))}**`)]),
  ].join('\n')
}

/** The queries of this repository's serverless.yml, as the framework reads it. */
export function ownQueries(): readonly BilledQuery[] {
  const cwd = join(import.meta.dirname, '..')
  const words = [join(cwd, 'node_modules/serverless/bin/serverless.js'), 'print', '--format', 'json']
  const printed = execFileSync(process.execPath, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const queries: Readonly<Record<string, { readonly state: boolean }>> = JSON.parse(printed).custom.microbatch.queries
  return Object.entries(queries).map(([name, { state }]) => ({ name, state }))
}

if (import.meta.main) console.log(billTable(ownQueries()))
