import { expect, test } from 'vitest'
import { missingTopic } from '../../../local/kafka/topics.ts'

test('a topic that there is not is said with the one that may be meant, and those that there are', () => {
  expect(missingTopic('oders', ['orders', '__consumer_offsets', 'clicks'])).toMatch(
    /^has no topic oders\. Did you mean orders\? It has clicks, orders\. /,
  )
  expect(missingTopic('orders', [])).toMatch(/^has no topic orders\. It has none\. .*microbatch topic create NAME/)
})
