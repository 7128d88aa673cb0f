// One role for each function, with what it does and nothing else. Each statement's Sid names what it is for; docs/iam.md is
// generated from the packaged template, and a test holds the two together.

import { clusterArnOf, producerNetwork } from './environment.ts'
import { consumerGroupId } from './mapping.ts'
import type { Names } from './names.ts'
import { authOf, needsSecret, type Parameters } from './parameters.ts'

type Target = string | { readonly [intrinsic: string]: unknown }

interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly Target[]
  readonly Condition?: object
}

/** The resources `ProducerRole`, `TapeRole` and `BarsRole`. */
export function roles(parameters: Parameters, names: Names) {
  const consumer = (name: string): readonly Statement[] => [
    ...logs(name),
    allow('SetBadRecordsAside', ['sqs:SendMessage'], [arnOf('DeadLetterQueue')]),
    ...(parameters.kafka === 'none'
      ? []
      : [allow('SetFailedBatchesAside', ['sqs:SendMessage'], [arnOf('FailedBatchQueue')])]),
    ...readKafka(parameters, names, name),
  ]
  return {
    ProducerRole: role([...logs('producer'), ...writeKafka(parameters, names)]),
    TapeRole: role(consumer('tape')),
    BarsRole: role([
      ...consumer('bars'),
      allow(
        'KeepState',
        ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:BatchWriteItem'],
        [arnOf('StateTable')],
      ),
    ]),
  }
}

const role = (statements: readonly Statement[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'function', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  },
})

const allow = (Sid: string, Action: readonly string[], Resource: readonly Target[]): Statement => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
})

const arnOf = (logicalId: string): Target => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })

/** The framework makes the log groups, so no function may. */
const logs = (name: string): readonly Statement[] => [
  allow(
    'WriteLogs',
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    [arnOf(`${name.charAt(0).toUpperCase()}${name.slice(1)}LogGroup`)],
  ),
]

/** MSK developer guide, "Common use cases for client authorization policy": a producer, an idempotent one. */
function writeKafka(parameters: Parameters, names: Names): readonly Statement[] {
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
            [within(cluster, 'topic', names.topic)],
          ),
        ]),
    ...secrets(parameters),
    ...(producerNetwork(parameters) === null ? [] : functionNetwork(`${names.service}-${names.stage}-producer`)),
  ]
}

/** Developer guide, "Configuring permissions for MSK event sources" and for self-managed ones: what the mapping does. */
function readKafka(parameters: Parameters, names: Names, name: string): readonly Statement[] {
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
            [within(cluster, 'topic', names.topic)],
          ),
          allow(
            'CommitOffsets',
            ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
            [within(cluster, 'group', consumerGroupId(names, name))],
          ),
        ]),
    // Developer guide, "Configuring Lambda permissions for Amazon MSK event source mappings": to use a SCRAM secret.
    ...(cluster === null || authOf(parameters) !== 'scram-sha-512'
      ? []
      : [allow('ListSecrets', ['kafka:ListScramSecrets'], [cluster])]),
    ...secrets(parameters),
    ...(isPrivate ? network(['ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs']) : []),
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

/**
 * Network interfaces in the subnets of Kafka. EC2's Describe actions take no resource (Service Authorization Reference), and
 * Lambda wants the others on all interfaces (developer guide, "Giving Lambda functions access to resources in a VPC").
 */
const network = (see: readonly string[], join: readonly string[] = []): readonly Statement[] => [
  allow('SeeNetwork', ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', ...see], ['*']),
  allow(
    'JoinNetwork',
    ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', ...join],
    [{ 'Fn::Sub': `arn:\${AWS::Partition}:ec2:\${AWS::Region}:\${AWS::AccountId}:*/*` }],
  ),
]

/** For Lambda alone: the function's own code is denied what Lambda does in its name (the same page of the guide). */
const functionNetwork = (functionName: string): readonly Statement[] => [
  ...network([], ['ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses']),
  {
    Sid: 'LeaveNetworkToLambda',
    Effect: 'Deny',
    Action: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    Resource: ['*'],
    Condition: {
      ArnEquals: {
        'lambda:SourceFunctionArn': [
          {
            'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName}`,
          },
        ],
      },
    },
  },
]

/** `…:cluster/NAME/UUID` -> `…:topic/NAME/UUID/TOPIC`: how MSK names what is inside a cluster. */
function within(cluster: string | { readonly Ref: string }, kind: 'topic' | 'group', name: string): Target {
  if (typeof cluster === 'string') return `${cluster.replace(':cluster/', `:${kind}/`)}/${name}`
  const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': [':cluster/', cluster] }] })
  return { 'Fn::Join': ['', [part(0), `:${kind}/`, part(1), `/${name}`]] }
}
