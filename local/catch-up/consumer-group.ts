// The consumer groups of the two versions: whether somebody reads for them, and where they stand.
import type { Admin } from 'kafkajs'

/** @returns whether a mapping reads for the group now */
export async function isRead(admin: Admin, groupId: string): Promise<boolean> {
  const { groups } = await admin.describeGroups([groupId])
  return groups.some(({ members }) => members.length > 0)
}

/** By partition; a partition without a commit is not in it. */
export async function commitsOf(admin: Admin, groupId: string, topic: string): Promise<ReadonlyMap<number, number>> {
  const found = await admin.fetchOffsets({ groupId, topics: [topic] })
  const commits = found.flatMap(({ partitions }) =>
    partitions.map(({ partition, offset }) => [partition, Number(offset)] as const),
  )
  // Kafka answers -1 where there is none.
  return new Map(commits.filter(([, offset]) => offset >= 0))
}

/** Sets the offsets of a group that nobody reads for: Kafka refuses it for any other. */
export async function commit(
  admin: Admin,
  groupId: string,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<void> {
  const partitions = Array.from(offsets, ([partition, offset]) => ({ partition, offset: String(offset) }))
  await admin.setOffsets({ groupId, topic, partitions })
}

export const areSame = (left: ReadonlyMap<number, number>, right: ReadonlyMap<number, number>): boolean =>
  left.size === right.size && [...left].every(([partition, offset]) => right.get(partition) === offset)

/** @example offsetsText('stock-ticks', commits) // 'stock-ticks 0@17 1@12' */
export const offsetsText = (topic: string, offsets: ReadonlyMap<number, number>): string =>
  [
    topic,
    ...[...offsets].toSorted(([left], [right]) => left - right).map(([partition, offset]) => `${partition}@${offset}`),
  ].join(' ')
