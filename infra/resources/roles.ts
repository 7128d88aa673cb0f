// One role for each function, with what it does and nothing else. docs/iam.md is generated from the packaged template, and a test
// holds the two together.

import { arnOf, logicalName, roleId } from '../names.ts'
import type { Parameters } from '../parameters/parameters.ts'
import type { Producer, Query } from '../queries.ts'
import { codecAsks, type Registry } from '../registry.ts'
import { sinkTopics } from '../sinks/sink.ts'
import { writeToSinks } from '../sinks/statements.ts'
import { readKafka, writeKafka } from './kafka-statements.ts'
import { leaveToMapping } from './own-code.ts'
import { deadLetterQueueId, failedBatchQueueId } from './queues.ts'
import { askRegistry } from './registry-statements.ts'
import { allow, merged, type Statement } from './statement.ts'
import { tableId } from './table.ts'
import type { Resource } from './template.ts'

/** What lib/state/stores/dynamodb.ts calls: items that nothing names any more are taken back in batches. */
const stateActions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:BatchWriteItem']

/**
 * The role of a function that runs a query: the mapping reads Kafka by it, too.
 * @param sources the query, once for each of its topics
 */
export const queryRole = (
  parameters: Parameters,
  query: Query,
  sources: readonly Query[],
  registry: Registry | undefined,
): readonly [string, Resource] => [
  roleId(query.name),
  role([
    logs(query.name),
    allow('SetBadRecordsAside', ['sqs:SendMessage'], [arnOf(deadLetterQueueId)]),
    ...(query.state ? [allow('KeepState', stateActions, [arnOf(tableId)])] : []),
    ...useDataKey(parameters, query),
    ...writeToSinks(parameters, query),
    ...(codecAsks(query) ? askRegistry(parameters, query, registry) : []),
    ...mappingStatements(parameters, query, sources, registry),
  ]),
]

/** What the mapping does by the role, and the function's own code does not. */
function mappingStatements(
  parameters: Parameters,
  query: Query,
  sources: readonly Query[],
  registry: Registry | undefined,
): readonly Statement[] {
  if (parameters.kafka === 'none') return writeByQuery(parameters, query)
  const failedBatches = allow('SetFailedBatchesAside', ['sqs:SendMessage'], [arnOf(failedBatchQueueId)])
  const asking = codecAsks(query) ? [] : askRegistry(parameters, query, registry)
  const reading = [...readKafka(parameters, sources), ...asking]
  const writing = writeByQuery(parameters, query)
  // The code has a secret of its own to read, where its codec asks the registry.
  const readsSecrets = codecAsks(query) && registry !== undefined && 'credentials' in registry
  const left = leaveToMapping(query.functionName, failedBatches, reading, readsSecrets, writing)
  return [failedBatches, ...merged([...reading, ...writing]), ...left]
}

/** What its sinks do in Kafka. */
const writeByQuery = (parameters: Parameters, query: Query): readonly Statement[] =>
  writeKafka(parameters, {
    topics: Array.from(new Set(sinkTopics(query).map(({ topic }) => topic))),
    functionName: query.functionName,
  })

/** By way of the services that hold the data only. DynamoDB developer guide, "Encryption at rest"; SQS developer guide, "Key management". */
function useDataKey({ dataKey }: Parameters, { state }: Query): readonly Statement[] {
  if (dataKey === null) return []
  const services = state ? ['dynamodb', 'sqs'] : ['sqs']
  const actions = state ? [...queueKeyActions, ...tableKeyActions] : queueKeyActions
  const via = services.map((service) => ({ 'Fn::Sub': `${service}.\${AWS::Region}.\${AWS::URLSuffix}` }))
  return [{ ...allow('UseDataKey', actions, [dataKey]), Condition: { StringEquals: { 'kms:ViaService': via } } }]
}

const queueKeyActions = ['kms:Decrypt', 'kms:GenerateDataKey']
const tableKeyActions = ['kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo']

/** The role of a function that writes to Kafka. */
export const producerRole = (parameters: Parameters, producer: Producer): readonly [string, Resource] => [
  roleId(producer.name),
  role([logs(producer.name), ...writeKafka(parameters, { ...producer, topics: [producer.topic] })]),
]

export const role = (statements: readonly Statement[]): Resource => ({
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
export const logs = (name: string): Statement =>
  allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [arnOf(`${logicalName(name)}LogGroup`)])
