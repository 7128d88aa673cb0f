// Kafka's own partitioner: kafkajs has it, too, and says where each key goes.

import { Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'
import { defaultPartition } from '../../../lib/query/table/default-partition.ts'
import { seeded } from '../../state/schedule/random.ts'

const partitioner = Partitioners.DefaultPartitioner()
const kafkas = (key: string, partitions: number): number =>
  partitioner({
    topic: 't',
    message: { key, value: '' },
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    })),
  } as unknown as Parameters<typeof partitioner>[0])

test('a key has the partition that a producer of Kafka gives it', () => {
  const random = seeded(5)
  const letters = ['a', 'Z', '0', '-', 'ä', '€', '😀', '\u0000']
  for (let i = 0; i < 2000; i += 1) {
    const key = Array.from({ length: random.between(1, 12) }, () => random.pick(letters)).join('')
    const partitions = random.between(1, 50)
    expect([key, defaultPartition(key, partitions)]).toEqual([key, kafkas(key, partitions)])
  }
})
