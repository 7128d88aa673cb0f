// What a new version of a query has to read to stand where the old one stands, or why that cannot be. Pure: what Kafka and the states know
// comes in.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { OffsetRange, PartitionEnds } from '../kafka/offset-range.ts'

export interface Standing {
  readonly topic: string
  /** The functions, for messages. */
  readonly newFunction: string
  readonly oldFunction: string
  readonly ends: readonly PartitionEnds[]
  /** The offsets that the old version's group has committed, by partition. */
  readonly oldCommits: ReadonlyMap<number, number>
  /** By partition, the offset after the last one that the new version has folded; none before its first batch. */
  readonly folded: ReadonlyMap<number, number>
  /** By partition, where `--from` begins; undefined for the beginning of the topic, which must still be there. */
  readonly from: ReadonlyMap<number, number> | undefined
}

/**
 * The ranges that are to be folded, up to where the old version stands; an empty one for a partition of which nothing is.
 *
 * @throws LocalError COMMAND_INVALID where the old version stands nowhere, or the new one is ahead of it; STATE_UNUSABLE where records
 *   are gone from the topic that would have to be read
 * @example rangesToFold(standing) // [{ partition: 0, from: 120, to: 4711 }]
 */
export function rangesToFold(standing: Standing): readonly OffsetRange[] {
  const { ends, oldCommits, topic, oldFunction, newFunction } = standing
  if (oldCommits.size === 0) {
    const problem = `${oldFunction} has committed nothing of ${topic}, so there is nothing to catch up with`
    throw new LocalError('COMMAND_INVALID', `${problem}: let ${newFunction} read the topic from its beginning.`)
  }
  return ends.map((end) => ({ partition: end.partition, ...rangeOf(standing, end) }))
}

function rangeOf(standing: Standing, { partition, earliest, latest }: PartitionEnds): Omit<OffsetRange, 'partition'> {
  const { oldCommits, folded, from, oldFunction, newFunction } = standing
  const known = folded.get(partition)
  const wanted = known ?? (folded.size === 0 ? from?.get(partition) : undefined) ?? 0
  const last = oldCommits.get(partition)
  // Nothing of it was read.
  if (last === undefined) return { from: wanted, to: wanted }
  if (last > latest) {
    const problem = `${oldFunction} stands at offset ${last} of partition ${partition}, which ends at ${latest}`
    throw new LocalError('STATE_UNUSABLE', `${problem}: the topic was made anew since, and offsets say nothing.`)
  }
  if (known !== undefined && known > last) {
    const problem = `${newFunction} has folded partition ${partition} up to offset ${known}, ahead of ${oldFunction}, which stands at ${last}`
    throw new LocalError(
      'COMMAND_INVALID',
      `${problem}: what lies between would come out twice. To begin anew: state reset.`,
    )
  }
  if (wanted < last && wanted < earliest) throw truncated(standing, partition, wanted, earliest)
  return { from: Math.min(wanted, last), to: last }
}

/** Records that the retention of the topic has deleted are in no total that is computed now. */
function truncated({ topic, newFunction }: Standing, partition: number, wanted: number, earliest: number): LocalError {
  return new LocalError(
    'STATE_UNUSABLE',
    `Partition ${partition} of ${topic} begins at offset ${earliest}: what came before is deleted, from offset ${wanted} on, so what ${newFunction}
keeps would be another's than if it had run all the time.
  - if all that is still open begins later, as windows do that end: say from where, --from TIME or partition:offset,...
  - if the new version can read the state of the old one: microbatch state copy, and no catch-up
  - if it only adds to it: evolve, and no second version`,
  )
}
