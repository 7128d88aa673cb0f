import { expect, test } from 'vitest'
import { partitionProblem } from '../../../local/kafka/partition-count.ts'

test('equal counts are no problem', () => {
  expect(partitionProblem({ topic: 'orders', told: 3, found: 3 })).toBeUndefined()
})

test('too many told would wait for ever, too few would not wait; both numbers are said, and what to do', () => {
  const many = partitionProblem({ topic: 'orders', told: 6, found: 3 })
  expect(many?.says).toBe('the topic orders has 3 partitions, and its functions are told 6: no window would ever close')
  expect(many?.remedy).toMatch(/^tell them 3 .*PARTITIONS=3.* anew with 6: microbatch start --fresh/)
  const few = partitionProblem({ topic: 'orders', told: 1, found: 2 })
  expect(few?.says).toMatch(/has 2 partitions, .* told 1: the watermark would not wait/)
})

test('a Kafka that is not that of start is not deleted by it', () => {
  const { remedy } = partitionProblem({ topic: 'orders', told: 6, found: 3, isOurs: false }) ?? {}
  expect(remedy).toMatch(/anew with 6, by the tools of your own Kafka$/)
})
