// Which records are not to be tried any more: over the mapping's own age, or no longer in Kafka's log ("until processing succeeds
// or the messages expire", local-mapping.md 4.1 and 4.2). Pure: times and the logs' beginnings come in.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'

export interface ExpiryRules {
  /** Infinity without a limit. */
  readonly maxRecordAgeMs: number
  readonly nowEpochMs: number
  /** Where the logs begin, by partition; a partition that is not known has lost nothing. */
  readonly logStarts: ReadonlyMap<number, number>
}

export interface Expiry {
  readonly expired: readonly KafkaRow[]
  readonly left: readonly KafkaRow[]
  /** In words, of those that expired. */
  readonly why: string
}

/** @example splitExpired(rows, { maxRecordAgeMs: 60_000, nowEpochMs: Date.now(), logStarts: new Map() }).left */
export function splitExpired(rows: readonly KafkaRow[], rules: ExpiryRules): Expiry {
  const { maxRecordAgeMs, nowEpochMs, logStarts } = rules
  if (maxRecordAgeMs === Infinity && logStarts.size === 0) return { expired: [], left: rows, why: '' }
  const isBelowLog = ({ partition, offset }: KafkaRow) => offset < (logStarts.get(partition) ?? 0)
  const isExpired = (row: KafkaRow) => row.timestamp < nowEpochMs - maxRecordAgeMs || isBelowLog(row)
  const expired = rows.filter(isExpired)
  return {
    expired,
    left: expired.length === 0 ? rows : rows.filter((row) => !isExpired(row)),
    why: expired.every(isBelowLog) ? 'no longer in the log' : `older than ${maxRecordAgeMs / 1000} s`,
  }
}
