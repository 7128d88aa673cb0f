import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rangeOf, roundRobinOf, type Subscriber } from '../../../mapping/source/assigners.ts'

const plain = (assignment: ReturnType<typeof rangeOf>) =>
  Object.fromEntries([...assignment].map(([memberId, topics]) => [memberId, Object.fromEntries(topics)]))
const ticks = new Map([['ticks', [0, 1, 2, 3, 4]]])
const members = ['b', 'a'].map((memberId) => ({ memberId, topics: ['ticks'] }))

test("range and roundrobin are Kafka's own", () => {
  expect(plain(rangeOf(members, ticks))).toEqual({ a: { ticks: [0, 1, 2] }, b: { ticks: [3, 4] } })
  expect(plain(roundRobinOf(members, ticks))).toEqual({ a: { ticks: [0, 2, 4] }, b: { ticks: [1, 3] } })
})

test.each([
  ['range', rangeOf],
  ['roundrobin', roundRobinOf],
])('%s: each partition goes to one member that wants its topic, and none to nobody who does', (_name, divide) => {
  const topics = new Map([
    ['x', [0, 1, 2]],
    ['y', [0]],
    ['z', [0, 1]],
  ])
  const subscribers: fc.Arbitrary<Subscriber[]> = fc.uniqueArray(
    fc.record({ memberId: fc.string({ minLength: 1 }), topics: fc.subarray(['x', 'y', 'z', 'missing']) }),
    { selector: ({ memberId }) => memberId, maxLength: 5 },
  )
  fc.assert(
    fc.property(subscribers, (given) => {
      const assignment = divide(given, topics)
      for (const [topic, partitions] of topics) {
        const owners = given.flatMap(({ memberId }) => assignment.get(memberId)?.get(topic) ?? [])
        const isWanted = given.some((member) => member.topics.includes(topic))
        expect(owners.toSorted()).toEqual(isWanted ? partitions : [])
      }
      for (const { memberId, topics: wanted } of given)
        for (const topic of assignment.get(memberId)?.keys() ?? []) expect(wanted).toContain(topic)
    }),
  )
})
