// The partitions of the topics that functions read, compared with what the functions are told. A topic that is not there yet is
// made by start with the right number.
import { partitionProblem } from '../kafka/partition-count.ts'
import type { Finding } from './finding.ts'

/**
 * @param told by topic, what its functions are told
 * @param found by topic, what Kafka has
 * @param isOurs whether it is the Kafka of start
 * @example checkPartitions(new Map([['orders', 6]]), new Map([['orders', 3]]))[0]?.level // 'problem'
 */
export function checkPartitions(
  told: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
  isOurs = true,
): readonly Finding[] {
  return [...told].flatMap(([topic, count]): readonly Finding[] => {
    const there = found.get(topic)
    if (there === undefined) return []
    const subject = `topic ${topic}`
    const problem = partitionProblem({ topic, told: count, found: there, isOurs })
    if (problem === undefined) return [{ level: 'ok', subject, says: `${there} partitions, as its functions are told` }]
    return [{ level: 'problem', subject, ...problem }]
  })
}
