// One query under verification: its topic, how far its consumer has come, what it printed, and the query itself in batch mode.
// Beside a running stream too: only what has been delivered, and committed, is compared.
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaRow, TopicBatchResult } from 'microbatch'
import type { TopicReader } from '../../kafka/topic-reader.ts'
import type { StartBatch } from '../service/query.ts'
import type { Comparison } from './comparison.ts'
import { compareGroups, type Groups, groupKey } from './group-comparison.ts'
import { lostRecords } from './lost-records.ts'
import { type PrintingQuery, printedResult } from './printed-result.ts'
import { type PrintedRow, tableReader } from './printed-tables.ts'
import { compareRows, countRows, rowText, without } from './row-comparison.ts'

/** How long a printed line may take into the file, once its batch has been committed. */
const printedMs = 3_000
const againAfterMs = 500

export interface Subject {
  readonly query: PrintingQuery
  readonly reader: TopicReader
  readonly groupId: string
  readonly tablesFile: string
  readonly start: StartBatch
}

export interface Inspection {
  readonly comparison: Comparison
  /** Over all records of the topic. */
  readonly whole: TopicBatchResult
  readonly committed: ReadonlyMap<number, number>
}

/**
 * Compares until all that the topic held at first has been delivered and is found right, or it has had its time; the last
 * comparison counts. A group that is wrong stays wrong; one whose line is still on its way to the file is right a moment later.
 * @param deliveryMs how long the stream may take to deliver what the topic holds
 */
export async function inspectInTime(subject: Subject, deliveryMs: number): Promise<Inspection> {
  const records: KafkaRow[] = []
  const target = await subject.reader.ends()
  let deadlineMs = performance.now() + deliveryMs
  for (let wasDelivered = false; ; ) {
    const inspection = await inspectOnce(subject, records)
    const { differing, missing } = inspection.comparison
    const isDelivered = target.every(
      ({ partition, earliest, latest }) => (inspection.committed.get(partition) ?? earliest) >= latest,
    )
    if (isDelivered && differing.length + missing.length === 0) return inspection
    if (isDelivered && !wasDelivered) deadlineMs = performance.now() + printedMs
    wasDelivered = isDelivered
    if (performance.now() > deadlineMs) return inspection
    await delay(againAfterMs)
  }
}

/**
 * The order makes it sound. A batch prints before it is committed: what was committed first is in what was printed, read
 * second. The topic is read last: what was printed comes from its records. So a group none of whose records lies between the
 * commits and the end of the topic has been printed from exactly the records below the commits.
 * @param records what is known of the topic, from its beginning; added to
 */
async function inspectOnce(subject: Subject, records: KafkaRow[]): Promise<Inspection> {
  const { reader, groupId, tablesFile, query, start } = subject
  const committed = await reader.committed(groupId)
  const printed = await printedResult(tablesFile, query)
  const ends = await reader.ends()
  const known = new Map(records.map(({ partition, offset }) => [partition, offset + 1]))
  const unread = ends.map(({ partition, earliest, latest }) => ({
    partition,
    from: Math.max(earliest, known.get(partition) ?? 0),
    to: latest,
  }))
  await reader.read(unread, (more) => {
    for (const record of more) records.push(record)
  })
  const isDelivered = ({ partition, offset }: KafkaRow) => offset < (committed.get(partition) ?? 0)
  const rowsOf = async (some: readonly KafkaRow[]) => rowsOfTable((await resultOf(start, some)).table)
  const delivered = await rowsOf(records.filter(isDelivered))
  const rest = records.filter((record) => !isDelivered(record))
  // A global aggregation has a row over nothing, too.
  const undelivered = rest.length === 0 ? [] : await rowsOf(rest)
  const whole = await resultOf(start, records)
  const { grouping, outputMode, isHeld } = query
  if (grouping === null) {
    const count = (rows: readonly PrintedRow[]) => countRows(rows.map((row) => rowText(row, printed.isCut)))
    const hasLost = ends.some(({ earliest }) => earliest > 0)
    const deliveredCounts = count(delivered)
    // A row that is held back may be of records on both sides of the commits: then it is in the whole alone.
    const undeliveredCounts = isHeld ? without(count(rowsOfTable(whole.table)), deliveredCounts) : count(undelivered)
    const counts = { printed: count(printed.rows), delivered: deliveredCounts, undelivered: undeliveredCounts }
    return { comparison: compareRows({ ...counts, hasLost, isHeld }), whole, committed }
  }
  const { columns } = grouping
  const comparison = compareGroups({
    columns,
    printed: printed.groups,
    computed: groupsOf(delivered, columns),
    open: new Set(groupsOf(undelivered, columns).keys()),
    isLost: await lostRecords({ records, ends, window: grouping.window, rowsOf }),
    isAppend: outputMode === 'append',
  })
  return { comparison, whole, committed }
}

async function resultOf(start: StartBatch, records: readonly KafkaRow[]): Promise<TopicBatchResult> {
  const run = start()
  await run.add(records)
  return run.result()
}

function rowsOfTable(table: string): readonly PrintedRow[] {
  const rows: PrintedRow[] = []
  table.split('\n').forEach(tableReader({ row: (row) => rows.push(row) }))
  return rows
}

function groupsOf(rows: readonly PrintedRow[], columns: readonly string[]): Groups {
  return new Map(
    rows.flatMap((row) => {
      const key = groupKey(row, columns)
      return key === undefined ? [] : [[key, row] as const]
    }),
  )
}
