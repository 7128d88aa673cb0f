// What a month of the deployed pipeline costs, from unit prices of a date: `node infra/bill.ts` prints the table of
// docs/deploy.md, and a test holds the two equal. A model, not a quote: it counts what grows with the ticks, without free tiers.

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
const batchSize = 1000
/** Numbers that handlers/metrics.ts sends: tape 5, bars 10. */
const metrics = 15
/** Eight of alarms.yml, and the disks of three brokers. */
const alarmMetrics = 11
/** A tick with its key: in the event of an invocation (JSON around base64), and in a broker's log. */
const eventBytes = 250
const logBytes = 100
/** log.retention.hours of msk.yml, and how full a disk may get (its alarm). */
const retentionSeconds = 168 * 3600
const fullDisk = 0.8

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

/** Each item of the month, in dollars. */
export function bill({ ticksPerSecond, symbols, broker }: Load): ReadonlyMap<string, number> {
  // The window opens at the first record, so a batch holds that one and those of the window, up to the batch size.
  const recordsPerBatch = Math.min(batchSize, ticksPerSecond * windowSeconds + 1)
  const batches = (ticksPerSecond / recordsPerBatch) * secondsOfMonth
  // Seconds of one batch: what it takes at all, and for each record; for bars, its round trips to DynamoDB too.
  const tapeSeconds = 0.01 + recordsPerBatch * 50e-6
  const barsSeconds = 0.04 + recordsPerBatch * 60e-6
  const lambda = (invocations: number, seconds: number) =>
    invocations * (price.lambdaRequest + seconds * memoryGb * price.lambdaGbSecond)
  // docs/guarantees.md: a write for each group that a batch touches and one for the progress; each group is sealed once.
  const touched = Math.min(recordsPerBatch, symbols * (1 + recordsPerBatch / ticksPerSecond / windowSeconds))
  const sealed = (symbols / windowSeconds) * secondsOfMonth
  const writes = batches * (touched + 1) + 2 * sealed
  const reads = batches + sealed
  // A printed row, and the log lines of a batch.
  const rows = ticksPerSecond * secondsOfMonth * 48 + batches * touched * 110
  const logGb = (rows + 2 * batches * 2500) / 1e9
  const producerRuns = secondsOfMonth / 60
  // Pollers on demand invoke both functions by way of the cluster's network (developer guide, "Configuring your Amazon MSK
  // cluster and Amazon VPC network for Lambda"); provisioned ones do not.
  const natGb = (2 * ticksPerSecond * secondsOfMonth * eventBytes) / 1e9
  return new Map([
    ['Lambda: tape', lambda(batches, tapeSeconds)],
    ['Lambda: bars', lambda(batches, barsSeconds)],
    ['Lambda: producer', lambda(producerRuns, 60)],
    ['DynamoDB: groups of bars', writes * price.dynamoDbWrite + reads * price.dynamoDbRead],
    ['CloudWatch: what is printed', logGb * price.logsGb],
    ['CloudWatch: metrics and alarms', metrics * price.customMetric + alarmMetrics * price.alarmMetric],
    ['MSK: three brokers', 3 * price.brokerHour[broker] * hoursOfMonth],
    ['MSK: their disks, for seven days', 3 * diskGb(ticksPerSecond) * price.diskGb],
    ['NAT gateway, and what the pollers send by it', price.natHour * hoursOfMonth + natGb * price.natGb],
  ])
}

/** The table of docs/deploy.md. */
export function billTable(): string {
  const bills = loads.map(bill)
  const names = [...(bills[0]?.keys() ?? [])]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const dollars = (value: number) => (value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en-US'))
  const total = (items: ReadonlyMap<string, number>) => [...items.values()].reduce((sum, value) => sum + value, 0)
  const heads = loads.map(
    ({ ticksPerSecond, symbols, broker }) =>
      `${ticksPerSecond.toLocaleString('en-US')} ${ticksPerSecond === 1 ? 'tick' : 'ticks'}/s, ${symbols} ${symbols === 1 ? 'symbol' : 'symbols'}, ${broker}, ${diskGb(ticksPerSecond)} GB`,
  )
  return [
    line([`US dollars a month, prices of ${pricesOf}`, ...heads]),
    line(['---', ...loads.map(() => '---:')]),
    ...names.map((name) => line([name, ...bills.map((items) => dollars(items.get(name) ?? 0))])),
    line(['**all**', ...bills.map((items) => `**${dollars(total(items))}**`)]),
  ].join('\n')
}

if (import.meta.main) console.log(billTable())
