// What somebody has to know of: a consumer that lags or fails, records or batches set aside, a minute without a producer.

import { logicalName } from '../names.ts'
import type { Producer, Query } from '../queries.ts'
import { deadLetterQueueId, failedBatchQueueId } from './queues.ts'
import type { Resource, TemplatePart } from './template.ts'

const topicId = 'AlarmTopic'
const actions = [{ Ref: topicId }]

export interface AlarmOptions {
  readonly queries: readonly Query[]
  readonly producers: readonly Producer[]
  /** How many records a query may be behind. */
  readonly maxLag: number
  /** An address that is told. */
  readonly email: string | null
}

export function alarms({ queries, producers, maxLag, email }: AlarmOptions): TemplatePart {
  const ofQueries = queries.map(({ name }) => [`${logicalName(name)}LagAlarm`, lag(name, maxLag)] as const)
  const failing = [...producers, ...queries].map(
    ({ name }) => [`${logicalName(name)}ErrorAlarm`, errors(name)] as const,
  )
  const silent = producers
    .filter(({ isEachMinute }) => isEachMinute)
    .map(({ name }) => [`${logicalName(name)}RunAlarm`, missedRuns(name)] as const)
  const setAside =
    queries.length === 0
      ? []
      : [
          [
            'DeadLetterAlarm',
            messages(deadLetterQueueId, 'Bad records were set aside: they are in the queue'),
          ] as const,
          [
            'FailedBatchAlarm',
            messages(failedBatchQueueId, 'A mapping gave up a batch of records: they are in the queue'),
          ] as const,
        ]
  return {
    Resources: {
      [topicId]: {
        Type: 'AWS::SNS::Topic',
        Properties: { Subscription: email === null ? [] : [{ Protocol: 'email', Endpoint: email }] },
      },
      ...Object.fromEntries([...ofQueries, ...failing, ...silent, ...setAside]),
    },
    Outputs: {
      AlarmTopicArn: { Description: 'Where the alarms go; alarmEmail subscribes to it', Value: { Ref: topicId } },
    },
  }
}

/** An alarm that tells the topic when it begins and when it is over. */
export const alarm = (AlarmDescription: string, properties: Readonly<Record<string, unknown>>): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { AlarmDescription, AlarmActions: actions, OKActions: actions, ...properties },
})

const ofFunction = (name: string, MetricName: string) => ({
  Namespace: 'AWS/Lambda',
  MetricName,
  Dimensions: [{ Name: 'FunctionName', Value: { Ref: `${logicalName(name)}LambdaFunction` } }],
})

const lag = (name: string, maxLag: number): Resource =>
  alarm(`${name} is behind its topic by more records than maxLag for five minutes, or its mapping no longer reports`, {
    ...ofFunction(name, 'OffsetLag'),
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 5,
    Threshold: maxLag,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'missing',
    InsufficientDataActions: actions,
  })

const errors = (name: string): Resource =>
  alarm(`An invocation of ${name} failed or timed out`, {
    ...ofFunction(name, 'Errors'),
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  })

const missedRuns = (name: string): Resource =>
  alarm(`The ${name} ran less than four times in five minutes; its schedule is one a minute`, {
    ...ofFunction(name, 'Invocations'),
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 4,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  })

const messages = (queueId: string, description: string): Resource =>
  alarm(description, {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  })
