// Records that a message names by their places alone, since SQS and SNS get no payload and a long dead letter is cut: read from their
// topic, as long as it has them.
import type { KafkaRow } from 'microbatch'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { KafkaAddress } from '../kafka/connection.ts'
import { openTopic } from '../kafka/topic-reader.ts'
import type { Redrivable } from './redrivable.ts'

/**
 * The same items with their records; one whose records are gone has an obstacle.
 * @throws LocalError KAFKA_UNAVAILABLE, REMOTE_REFUSED
 * @example await withMissing(items, kafkaOf(settings))
 */
export async function withMissing(items: readonly Redrivable[], address: KafkaAddress): Promise<readonly Redrivable[]> {
  const topics = new Set(items.flatMap(({ missing }) => missing.map(({ topic }) => topic)))
  const found = new Map<string, KafkaRow>()
  const refusals = new Map<string, string>()
  for (const topic of topics) {
    try {
      for (const row of await readPlaces(topic, items, address)) found.set(placeOf(row), row)
    } catch (error) {
      if (!(error instanceof LocalError) || error.code !== 'KAFKA_UNAVAILABLE') throw error
      refusals.set(topic, error.message)
    }
  }
  return items.map((item) => {
    if (item.missing.length === 0) return item
    const records: KafkaRow[] = []
    for (const { topic, partition, first, last } of item.missing) {
      const refusal = refusals.get(topic)
      if (refusal !== undefined) return { ...item, obstacle: `its records are in ${topic} alone: ${refusal}` }
      for (let offset = first; offset <= last; offset += 1) {
        const row = found.get(placeOf({ topic, partition, offset }))
        if (row !== undefined) records.push(row)
      }
    }
    return records.length === 0
      ? { ...item, obstacle: 'its records are no longer in the topic' }
      : { ...item, records, missing: [] }
  })
}

const placeOf = ({ topic, partition, offset }: Pick<KafkaRow, 'topic' | 'partition' | 'offset'>): string =>
  `${topic}-${partition}-${offset}`

async function readPlaces(topic: string, items: readonly Redrivable[], address: KafkaAddress): Promise<KafkaRow[]> {
  const wanted = items.flatMap(({ missing }) => missing.filter((it) => it.topic === topic))
  const isWanted = ({ partition, offset }: KafkaRow): boolean =>
    wanted.some((it) => it.partition === partition && offset >= it.first && offset <= it.last)
  const reader = await openTopic({ ...address, topic })
  try {
    const ranges = (await reader.ends()).flatMap(({ partition, earliest, latest }) => {
      const own = wanted.filter((it) => it.partition === partition)
      const from = Math.max(earliest, Math.min(...own.map(({ first }) => first)))
      const to = Math.min(latest, Math.max(...own.map(({ last }) => last)) + 1)
      return own.length > 0 && from < to ? [{ partition, from, to }] : []
    })
    const rows: KafkaRow[] = []
    if (ranges.length > 0) {
      await reader.read(ranges, (records) => {
        rows.push(...records.filter(isWanted))
      })
    }
    return rows
  } finally {
    await reader.close()
  }
}
