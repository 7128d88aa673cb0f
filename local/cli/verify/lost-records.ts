// Which groups can no longer be computed, because Kafka has deleted some of their records: windows up to those of the first records
// that are left; without a window, all. Pure.
import type { KafkaRow } from 'microbatch'
import type { PartitionEnds } from '../../kafka/offset-range.ts'
import type { PrintedRow } from './printed-tables.ts'

export interface LostRecordsInput {
  readonly records: readonly KafkaRow[]
  readonly ends: readonly PartitionEnds[]
  /** The grouping column that is a window; null where there is none. */
  readonly window: string | null
  /** The query in batch mode. */
  readonly rowsOf: (records: readonly KafkaRow[]) => Promise<readonly PrintedRow[]>
}

/** So many of the first records that are left: their disorder is taken to be no greater than that. */
const numFirst = 10

/** @returns whether the group of a row may have lost records */
export async function lostRecords(input: LostRecordsInput): Promise<(row: PrintedRow) => boolean> {
  const { records, ends, window, rowsOf } = input
  const lossy = ends.filter(({ earliest }) => earliest > 0)
  if (lossy.length === 0) return () => false
  if (window === null) return () => true
  const firsts = lossy.map(({ partition, earliest }) =>
    records.filter((record) => record.partition === partition && record.offset >= earliest).slice(0, numFirst),
  )
  if (firsts.some((first) => first.length === 0)) return () => true
  // `{2026-01-05 14:30:00, …}` sorts as text in the order of time
  const last = (await rowsOf(firsts.flat()))
    .map((row) => row.get(window) ?? '')
    .sort()
    .at(-1)
  return (row) => last !== undefined && (row.get(window) ?? '') <= last
}
