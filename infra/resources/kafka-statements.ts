// What the role of a function may do in Kafka: a producer writes, the mapping of a query reads; both may need secrets and a network.

import { authOf, needsSecret } from '../parameters/authentication.ts'
import type { Parameters } from '../parameters/parameters.ts'
import type { Query } from '../queries.ts'
import { clusterArnOf, producerNetwork } from '../reach.ts'
import { functionNetwork, pollerNetwork } from './network-statements.ts'
import { allow, type Statement, type Target } from './statement.ts'

/**
 * MSK developer guide, "Common use cases for client authorization policy": a producer, an idempotent one.
 * @returns none where nothing is written
 */
export function writeKafka(
  parameters: Parameters,
  { topics, functionName }: { readonly topics: readonly string[]; readonly functionName: string },
): readonly Statement[] {
  if (topics.length === 0) return []
  const cluster = clusterArnOf(parameters)
  const isIam = authOf(parameters) === 'iam'
  return [
    ...(cluster === null ? [] : [allow('FindBrokers', ['kafka:GetBootstrapBrokers'], [cluster])]),
    ...(cluster === null || !isIam
      ? []
      : [
          allow('ConnectToKafka', ['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'], [cluster]),
          allow(
            'WriteTopic',
            ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'],
            topics.map((topic) => within(cluster, 'topic', topic)),
          ),
        ]),
    ...secrets(parameters),
    ...(producerNetwork(parameters) === null ? [] : functionNetwork(functionName)),
  ]
}

/**
 * Developer guide, "Configuring permissions for MSK event sources" and for self-managed ones: what the mapping does.
 * @param sources the query, once for each of its topics
 */
export function readKafka(parameters: Parameters, sources: readonly Query[]): readonly Statement[] {
  if (parameters.kafka === 'none' || parameters.kafka === 'local') return []
  const cluster = clusterArnOf(parameters)
  const isPrivate = cluster !== null || parameters.subnetIds.length > 0
  return [
    ...(cluster === null
      ? []
      : [
          allow(
            'FindBrokers',
            ['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'],
            [cluster],
          ),
        ]),
    ...(cluster === null || authOf(parameters) !== 'iam'
      ? []
      : [
          allow(
            'ConnectToKafka',
            ['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'],
            [cluster],
          ),
          allow(
            'ReadTopic',
            ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
            sources.map(({ topic }) => within(cluster, 'topic', topic)),
          ),
          allow(
            'CommitOffsets',
            ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
            sources.map(({ consumerGroupId }) => within(cluster, 'group', consumerGroupId)),
          ),
        ]),
    // Developer guide, "Configuring Lambda permissions for Amazon MSK event source mappings": to use a SCRAM secret.
    ...(cluster === null || authOf(parameters) !== 'scram-sha-512'
      ? []
      : [allow('ListSecrets', ['kafka:ListScramSecrets'], [cluster])]),
    ...secrets(parameters),
    ...(isPrivate ? pollerNetwork(['ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs']) : []),
  ]
}

function secrets(parameters: Parameters): readonly Statement[] {
  const { kafka, credentials, rootCertificate, secretKey } = parameters
  if (kafka === 'local') return []
  const arns = [needsSecret(authOf(parameters)) ? credentials : null, rootCertificate].filter((arn) => arn !== null)
  if (arns.length === 0) return []
  return [
    allow('ReadSecrets', ['secretsmanager:GetSecretValue'], arns),
    ...(secretKey === null ? [] : [allow('DecryptSecrets', ['kms:Decrypt'], [secretKey])]),
  ]
}

/** `…:cluster/NAME/UUID` -> `…:topic/NAME/UUID/TOPIC`: how MSK names what is inside a cluster. */
function within(cluster: string | { readonly Ref: string }, kind: 'topic' | 'group', name: string): Target {
  if (typeof cluster === 'string') return `${cluster.replace(':cluster/', `:${kind}/`)}/${name}`
  const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': [':cluster/', cluster] }] })
  return { 'Fn::Join': ['', [part(0), `:${kind}/`, part(1), `/${name}`]] }
}
