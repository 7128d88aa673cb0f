import { expect, test } from 'vitest'
import { deploymentOf, functions, local, msk } from '../builders.ts'

const alarmsOf = (parameters: object) =>
  Object.entries(deploymentOf({ ...parameters }, { functions }).resources.Resources).flatMap(([name, resource]) =>
    resource.Type === 'AWS::CloudWatch::Alarm' ? [[name, resource.Properties ?? {}] as const] : [],
  )

test('each queue tells of its first message, of every wave, and of what will soon be deleted', () => {
  const alarms = new Map(alarmsOf(msk))
  const watched = (name: string) => {
    const { MetricName, Statistic, Period, Threshold, Dimensions } = alarms.get(name) ?? {}
    return [MetricName, Statistic, Period, Threshold, JSON.stringify(Dimensions)]
  }
  for (const [prefix, queue] of [
    ['DeadLetter', 'DeadLetterQueue'],
    ['FailedBatch', 'FailedBatchQueue'],
  ] as const) {
    const dimension = JSON.stringify([{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }])
    expect(watched(`${prefix}Alarm`)).toEqual(['ApproximateNumberOfMessagesVisible', 'Maximum', 60, 0, dimension])
    expect(watched(`${prefix}ArrivalAlarm`)).toEqual(['NumberOfMessagesSent', 'Sum', 300, 0, dimension])
    expect(watched(`${prefix}AgeAlarm`)).toEqual(['ApproximateAgeOfOldestMessage', 'Maximum', 3600, 864_000, dimension])
    expect(alarms.get(`${prefix}AgeAlarm`)?.AlarmDescription).toContain('deleted in 4 days')
  }
})

test('a mapping that drops records is watched by its own id, and only where AWS has it', () => {
  const { Dimensions } = new Map(alarmsOf(msk)).get('TapeDropAlarm') ?? {}
  const mapping = 'TapeEventSourceMappingMSKMyticksStockticks'
  expect(Dimensions).toEqual([{ Name: 'EventSourceMappingUUID', Value: { Ref: mapping } }])
  expect(deploymentOf(msk).resources.extensions).toHaveProperty(mapping)
  for (const parameters of [local, { kafka: 'none', bootstrapServers: 'k:1' }])
    expect(alarmsOf(parameters).map(([name]) => name)).not.toContain('TapeDropAlarm')
})

test('every alarm tells the topic when it begins and when it is over', () => {
  for (const [, { AlarmActions, OKActions }] of alarmsOf({ kafka: 'msk-new' }))
    expect([AlarmActions, OKActions]).toEqual([[{ Ref: 'AlarmTopic' }], [{ Ref: 'AlarmTopic' }]])
})
