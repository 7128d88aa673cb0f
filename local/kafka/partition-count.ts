// The one number of partitions that a topic and the functions that read it must agree on. Pure.

export interface PartitionCounts {
  readonly topic: string
  /** What its functions are told. */
  readonly told: number
  /** What Kafka has. */
  readonly found: number
  /** Whether the Kafka is that of start, which can delete its data. @default true */
  readonly isOurs?: boolean
}

export interface PartitionProblem {
  readonly says: string
  readonly remedy: string
}

/**
 * @returns undefined where they agree
 * @example partitionProblem({ topic: 'orders', told: 6, found: 3 })?.says
 * // 'the topic orders has 3 partitions, and its functions are told 6: no window would ever close'
 */
export function partitionProblem({ topic, told, found, isOurs = true }: PartitionCounts): PartitionProblem | undefined {
  if (told === found) return undefined
  const effect =
    told > found
      ? 'no window would ever close'
      : 'the watermark would not wait for the others, whose rows would be late'
  return {
    says: `the topic ${topic} has ${found} partition${found === 1 ? '' : 's'}, and its functions are told ${told}: ${effect}`,
    remedy:
      `tell them ${found} (serverless.yml, or PARTITIONS=${found} where it reads that), or make the topic anew with ${told}` +
      (isOurs ? ': microbatch start --fresh deletes all local data' : ', by the tools of your own Kafka'),
  }
}
