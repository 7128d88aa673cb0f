// One role for each function, with what it does and nothing else. docs/iam.md is generated from the packaged template, and a test
// holds the two together.

import { arnOf, logicalName, roleId } from '../names.ts'
import type { Parameters } from '../parameters/parameters.ts'
import type { Producer, Query } from '../queries.ts'
import { readKafka, writeKafka } from './kafka-statements.ts'
import { deadLetterQueueId, failedBatchQueueId } from './queues.ts'
import { allow, type Statement } from './statement.ts'
import { tableId } from './table.ts'
import type { Resource } from './template.ts'

/** What lib/state/stores/dynamodb.ts calls: items that nothing names any more are taken back in batches. */
const stateActions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:BatchWriteItem']

/** The role of a function that runs a query: the mapping reads Kafka by it, too. */
export const queryRole = (parameters: Parameters, query: Query): readonly [string, Resource] => [
  roleId(query.name),
  role([
    logs(query.name),
    allow('SetBadRecordsAside', ['sqs:SendMessage'], [arnOf(deadLetterQueueId)]),
    ...(parameters.kafka === 'none'
      ? []
      : [allow('SetFailedBatchesAside', ['sqs:SendMessage'], [arnOf(failedBatchQueueId)])]),
    ...readKafka(parameters, query),
    ...(query.state ? [allow('KeepState', stateActions, [arnOf(tableId)])] : []),
  ]),
]

/** The role of a function that writes to Kafka. */
export const producerRole = (parameters: Parameters, producer: Producer): readonly [string, Resource] => [
  roleId(producer.name),
  role([logs(producer.name), ...writeKafka(parameters, producer)]),
]

const role = (statements: readonly Statement[]): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'function', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  },
})

/** The framework makes the log groups, so no function may. */
const logs = (name: string): Statement =>
  allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [arnOf(`${logicalName(name)}LogGroup`)])
