// Whether kept state is this query's and this topic's. Refusing is always loud and names a way out: state that is read
// as something else gives wrong numbers without a word.
import type { WallTimeMs } from '../../../aggregate/time.ts'
import { MicrobatchError } from '../../../error.ts'
import type { Progress } from '../../items/progress.ts'
import { isUnknownTo, watermarksOf } from '../watermark-rules.ts'
import type { Batch, LastingQuery, OneWatermark } from './stateful-query.ts'

/** For state that is not the query's. */
export const waysOut =
  'Start with empty state: locally by "microbatch start --fresh", on AWS under another query name or with resetState; or deploy what wrote it.'

/** @throws MicrobatchError CONFIG_INVALID for settings under which the protocol would lose or close rows silently */
export function checkSettings({ name, shards, watermark }: LastingQuery): void {
  if (!Number.isSafeInteger(shards) || shards < 1) {
    throw new MicrobatchError(
      'CONFIG_INVALID',
      `Query "${name}" spreads its state over ${shards} shards: give 1 or more.`,
    )
  }
  for (const one of watermarksOf(watermark)) checkWatermark(name, one)
}

function checkWatermark(name: string, watermark: OneWatermark): void {
  if (watermark.policy !== 'min') return
  if (watermark.partitions.length === 0) {
    throw new MicrobatchError(
      'CONFIG_INVALID',
      `Query "${name}" follows the slowest partition (policy min) but was told of none: give the partitions of its topic.`,
    )
  }
  if (watermark.idleTimeoutMs !== undefined && !(watermark.idleTimeoutMs > 0)) {
    throw new MicrobatchError('CONFIG_INVALID', `The idle timeout of query "${name}" must be above 0 ms.`)
  }
}

/** The error where the groups show that a key's records are not all in one partition. */
export const splitGroup = ({ name }: LastingQuery, id: string): MicrobatchError =>
  new MicrobatchError(
    'CONFIG_INVALID',
    `Query "${name}": the group ${id.slice(0, 200)} is in two shards. keyedBy declares that all records of a key are in one ` +
      'partition, and they are not: a producer does not partition by the key, or the topic got more partitions. Mend that, or ' +
      'leave keyedBy out. The state has the group in parts either way: begin anew, locally with --fresh, on AWS under another ' +
      'query name or with resetState.',
  )

/** The query's own fingerprint and what the layout of its groups depends on. */
export function fingerprintOf(query: LastingQuery): ReadonlyMap<string, string> {
  const { fingerprint, outputMode, shards, routing } = query
  return new Map([
    ...Object.entries(fingerprint),
    ['outputMode', outputMode],
    ['shards', String(shards)],
    ['routing', routing],
  ])
}

/**
 * A topic that was deleted and made again starts at offset 0: every record would look as if it had been applied. The
 * record before `next` must still be the one that was there. Detection, not proof: it needs that record.
 *
 * @throws MicrobatchError STATE_INCOMPATIBLE
 */
export function checkTopic(progress: Progress, query: LastingQuery, batch: Batch<never>): void {
  for (const { tp, records } of batch.partitions) {
    const tailOffset = (progress.next.get(tp) ?? 0) - 1
    const kept = progress.tailTimestamp.get(tp)
    const found = records.find(({ offset }) => offset === tailOffset)
    if (found === undefined || kept === undefined || found.timestamp === kept) continue
    throw new MicrobatchError(
      'STATE_INCOMPATIBLE',
      `Record ${tailOffset} of ${tp} carries the timestamp ${found.timestamp}, but query "${query.name}" has read it ` +
        `with ${kept}: the topic was re-created under kept state, or an event invoked by hand was written into it. ${waysOut}`,
    )
  }
}

/** A batch wholly below `next` is a redelivery; when its partition was silent for long, more likely another topic. */
const suspiciousSilenceMs = 3_600_000

/** Differences that are not wrong enough to stop for: one sentence each. */
export function warningsFor(
  progress: Progress,
  query: LastingQuery,
  batch: Batch<never>,
  nowMs: WallTimeMs,
): readonly string[] {
  const repeated = batch.partitions.flatMap(({ tp, records }) => {
    const next = progress.next.get(tp) ?? 0
    const lastOffset = records.at(-1)?.offset ?? next
    const silentMs = nowMs - (progress.heardAtMs.get(tp) ?? progress.lastAtMs)
    return lastOffset < next && silentMs > suspiciousSilenceMs
      ? [
          `${tp} delivers offsets up to ${lastOffset} again, after ${next - 1} was processed: was the topic re-created, or an event invoked by hand?`,
        ]
      : []
  })
  const { watermark } = query
  const unknown = batch.partitions.map(({ tp }) => tp).filter((tp) => isUnknownTo(watermark, tp))
  return unknown.length === 0
    ? repeated
    : [...repeated, `${unknown.join(', ')} is not among the partitions the query was told of: rows may come late.`]
}
