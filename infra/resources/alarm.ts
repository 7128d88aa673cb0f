// One alarm, and the topic that all of them tell.

import type { Resource } from './template.ts'

export const topicId = 'AlarmTopic'
export const actions = [{ Ref: topicId }]

/** An alarm that tells the topic when it begins and when it is over. */
export const alarm = (AlarmDescription: string, properties: Readonly<Record<string, unknown>>): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { AlarmDescription, AlarmActions: actions, OKActions: actions, ...properties },
})
