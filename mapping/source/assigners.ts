// How a group's partitions are divided among its members when this one leads it: kafkajs's own way, for groups of kafkajs alone, and
// the two that every other client has by default, since a group has to have one way in common (Java: `range`; librdkafka: `range`
// and `roundrobin`). Each member gets partitions of the topics that it subscribes to.

import type { GroupMember, PartitionAssigner } from 'kafkajs'
import { AssignerProtocol, PartitionAssigners } from './kafkajs.ts'

const { MemberAssignment, MemberMetadata } = AssignerProtocol

/** A member with the topics that it wants. */
export interface Subscriber {
  readonly memberId: string
  readonly topics: readonly string[]
}

/** Topic -> the numbers of its partitions. */
export type TopicPartitions = ReadonlyMap<string, readonly number[]>
type Assignment = Map<string, Map<string, number[]>>

/**
 * Each member gets a run of neighbouring partitions of each topic (org.apache.kafka.clients.consumer.RangeAssignor).
 * @example rangeOf(members, new Map([['ticks', [0, 1, 2]]]))
 */
export function rangeOf(members: readonly Subscriber[], topics: TopicPartitions): Assignment {
  const assignment: Assignment = new Map()
  for (const [topic, partitions] of topics) {
    const wanting = subscribersOf(topic, members)
    const [each, rest] = [Math.floor(partitions.length / wanting.length), partitions.length % wanting.length]
    let from = 0
    for (const [index, { memberId }] of wanting.entries()) {
      const to = from + each + (index < rest ? 1 : 0)
      add(assignment, memberId, topic, partitions.slice(from, to))
      from = to
    }
  }
  return assignment
}

/**
 * All partitions in turn, each to the next member that wants its topic (org.apache.kafka.clients.consumer.RoundRobinAssignor).
 * @example roundRobinOf(members, new Map([['ticks', [0, 1, 2]]]))
 */
export function roundRobinOf(members: readonly Subscriber[], topics: TopicPartitions): Assignment {
  const assignment: Assignment = new Map()
  const ordered = members.toSorted(byId)
  let next = 0
  for (const [topic, partitions] of [...topics].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    for (const partition of partitions) {
      if (!ordered.some((member) => member.topics.includes(topic))) break
      while (!ordered[next % ordered.length]?.topics.includes(topic)) next += 1
      add(assignment, ordered[next % ordered.length]?.memberId ?? '', topic, [partition])
      next += 1
    }
  return assignment
}

const byId = (one: Subscriber, other: Subscriber): number => (one.memberId < other.memberId ? -1 : 1)

const subscribersOf = (topic: string, members: readonly Subscriber[]): readonly Subscriber[] =>
  members.filter(({ topics }) => topics.includes(topic)).toSorted(byId)

function add(assignment: Assignment, memberId: string, topic: string, partitions: readonly number[]): void {
  if (partitions.length === 0) return
  const topics = assignment.get(memberId) ?? new Map<string, number[]>()
  assignment.set(memberId, topics.set(topic, [...(topics.get(topic) ?? []), ...partitions]))
}

/** @param name as the other clients call it */
const assigner =
  (name: string, divide: typeof rangeOf): PartitionAssigner =>
  ({ cluster }) => ({
    name,
    version: 0,
    assign: async ({ members }) => {
      const subscribers = members.map(subscriber)
      const topics = [...new Set(subscribers.flatMap((member) => member.topics))]
      // What other members read besides is not in the metadata yet; a topic that is not there has no partitions.
      for (const topic of topics) await cluster.addMultipleTargetTopics([topic]).catch(() => undefined)
      const partitions = topics.flatMap((topic) => {
        const ids = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
        return ids.length === 0 ? [] : [[topic, ids.toSorted((one, other) => one - other)] as const]
      })
      const assignment = divide(subscribers, new Map(partitions))
      return subscribers.map(({ memberId }) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version: 0,
          assignment: Object.fromEntries(assignment.get(memberId) ?? []),
          userData: Buffer.alloc(0),
        }),
      }))
    },
    protocol: ({ topics }) => ({
      name,
      metadata: MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
    }),
  })

const subscriber = ({ memberId, memberMetadata }: GroupMember): Subscriber => ({
  memberId,
  topics: MemberMetadata.decode(memberMetadata)?.topics ?? [],
})

/** In the order in which they are liked. */
export const partitionAssigners: readonly PartitionAssigner[] = [
  PartitionAssigners.roundRobin,
  assigner('range', rangeOf),
  assigner('roundrobin', roundRobinOf),
]
