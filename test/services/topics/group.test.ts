// A consumer group that the mapping shares with Apache Kafka's Java consumer, whoever of the two is there first.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { defaultLibsDir, kafkaClassPath } from '../../../local/kafka/distribution.ts'
import { onKafka, recordsOf, started, until } from '../a-mapping.ts'

const kafka = onKafka()
let java: ChildProcess | undefined
afterEach(() => {
  java?.kill('SIGKILL')
  java = undefined
})

async function consumeByJava(groupId: string, ...topics: readonly string[]) {
  const classPath = await kafkaClassPath(defaultLibsDir, () => undefined)
  const options = ['-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', classPath]
  const words = [join(import.meta.dirname, 'Consume.java'), inject('brokers').join(','), groupId, topics.join(',')]
  const child = spawn('java', [...options, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  java = child
  const exited = once(child, 'exit')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const all = (word: string) => [...said.matchAll(new RegExp(`^${word} (.+)$`, 'gm'))].map(([, value = '']) => value)
  return {
    assigned: () => Number(all('assigned').at(-1) ?? 0),
    records: () => all('record'),
    end: async () => {
      child.stdin.end('\n')
      await exited
    },
  }
}

const partitions = 4
const valuesFrom = (first: number) =>
  Array.from({ length: 40 }, (_, index) => ({ partition: index % partitions, value: `v${first + index}` }))
const texts = (events: Parameters<typeof recordsOf>[0]) =>
  recordsOf(events).map(({ value }) => Buffer.from(value ?? '', 'base64').toString())

describe.each(['java', 'mapping'])('where %s is there first', (first) => {
  test('both get partitions, each record comes to one of them, and the mapping goes on alone', async () => {
    const { topic, send } = kafka()
    const given = await topic(partitions)
    const other = await topic(2)
    const groupId = `g-${given}`
    const startJava = async (least: number) => {
      const member = await consumeByJava(groupId, given, other)
      await until(() => expect(member.assigned()).toBeGreaterThanOrEqual(least))
      return member
    }
    const early = first === 'java' ? await startJava(6) : undefined
    const { events, log } = started(given, () => undefined, { consumerGroupId: groupId })
    await send(given, [{ partition: 0, value: 'before' }])
    if (first === 'mapping') await until(() => expect(texts(events)).toEqual(['before']))
    const member = early ?? (await startJava(1))
    // The other topic is the Java member's alone: two of its partitions, and half of those of the shared one.
    await until(() => expect(member.assigned()).toBe(4))
    await send(given, valuesFrom(0))
    await send(other, [{ partition: 1, value: 'of the other topic' }])
    await until(() => expect(member.records().length + texts(events).length).toBeGreaterThanOrEqual(42))
    const all = [...member.records(), ...texts(events)].filter((text) => text !== 'before')
    expect(all.toSorted()).toEqual([...valuesFrom(0).map(({ value }) => value), 'of the other topic'].toSorted())
    expect(
      new Set(
        recordsOf(events)
          .filter(({ value }) => value !== 'YmVmb3Jl')
          .map(({ partition }) => partition),
      ).size,
    ).toBe(2)
    if (first === 'java')
      await until(() =>
        expect(log.lines.join('\n')).toMatch(/notice: group g-.* has other members \(consumer-.* at 127\.0\.0\.1\)/),
      )
    await member.end()
    await send(given, valuesFrom(100))
    await until(() => expect(texts(events)).toEqual(expect.arrayContaining(valuesFrom(100).map(({ value }) => value))))
    expect(log.lines.filter((line) => line.startsWith('error') || line.startsWith('warning'))).toEqual([])
  })
})
