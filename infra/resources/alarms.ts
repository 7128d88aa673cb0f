// What somebody has to know of: a consumer that lags or fails, records or batches set aside, a minute without a producer.

import { alphanumeric, logicalName } from '../names.ts'
import type { Producer } from '../queries.ts'
import { actions, alarm, topicId } from './alarm.ts'
import { queueAlarms } from './queue-alarms.ts'
import { deadLetterQueueId, failedBatchQueueId } from './queues.ts'
import type { Resource, TemplatePart } from './template.ts'

/** A query, and the logical id of its mapping where AWS has one. */
export interface WatchedQuery {
  readonly name: string
  /** The topic of the mapping, where the query has several; null where it has one. */
  readonly topic: string | null
  readonly mappingId: string | null
}

export interface AlarmOptions {
  readonly queries: readonly WatchedQuery[]
  readonly producers: readonly Producer[]
  /** How many records a query may be behind. */
  readonly maxLag: number
  /** An address that is told. */
  readonly email: string | null
  readonly dataKey: string | null
}

export function alarms({ queries, producers, maxLag, email, dataKey }: AlarmOptions): TemplatePart {
  const ofQueries = queries.map(({ name }) => [`${logicalName(name)}LagAlarm`, lag(name, maxLag)] as const)
  const failing = [...producers, ...queries].map(
    ({ name }) => [`${logicalName(name)}ErrorAlarm`, errors(name)] as const,
  )
  const dropping = queries.flatMap(({ name, topic, mappingId }) =>
    mappingId === null
      ? []
      : [[`${logicalName(name)}${alphanumeric(topic ?? '')}DropAlarm`, drops(name, mappingId)] as const],
  )
  const silent = producers
    .filter(({ isEachMinute }) => isEachMinute)
    .map(({ name }) => [`${logicalName(name)}RunAlarm`, missedRuns(name)] as const)
  const setAside =
    queries.length === 0
      ? []
      : [
          ...queueAlarms('DeadLetter', deadLetterQueueId, 'bad records'),
          ...queueAlarms('FailedBatch', failedBatchQueueId, 'batches that a mapping gave up'),
        ]
  return {
    Resources: {
      [topicId]: {
        Type: 'AWS::SNS::Topic',
        Properties: {
          Subscription: email === null ? [] : [{ Protocol: 'email', Endpoint: email }],
          ...(dataKey === null ? {} : { KmsMasterKeyId: dataKey }),
        },
      },
      ...Object.fromEntries([...ofQueries, ...failing, ...dropping, ...silent, ...setAside]),
    },
    Outputs: {
      AlarmTopicArn: { Description: 'Where the alarms go; alarmEmail subscribes to it', Value: { Ref: topicId } },
    },
  }
}

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

/** Events that are in no destination either: those it delivered do not count here (developer guide, "Event source mapping metrics"). */
const drops = (name: string, mappingId: string): Resource =>
  alarm(`The mapping of ${name} dropped records, and could not say so to the queue of failed batches`, {
    Namespace: 'AWS/Lambda',
    MetricName: 'DroppedEventCount',
    Dimensions: [{ Name: 'EventSourceMappingUUID', Value: { Ref: mappingId } }],
    Statistic: 'Sum',
    Period: 60,
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
