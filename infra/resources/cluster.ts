// kafka=msk-new: an MSK cluster of three brokers with IAM authentication, the topics of the service, and an alarm for the disks.

import { alphanumeric } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { alarm } from './alarm.ts'
import { brokerGroupId, clusterId, subnetIds } from './network.ts'
import { keptWith, type Resource, type TemplatePart } from './template.ts'

const configurationId = 'KafkaConfiguration'
const brokers = ['1', '2', '3'] as const

const serverProperties = `auto.create.topics.enable=false
default.replication.factor=3
min.insync.replicas=2
log.retention.hours=168
`

export interface ClusterOptions {
  /** The service and its stage. */
  readonly name: string
  readonly brokerType: string
  readonly brokerDiskGb: number
  readonly keepData: boolean
}

/** A topic of the service. */
export interface Topic {
  readonly topic: string
  readonly partitions: number | undefined
  readonly logicalId: string
}

/**
 * @param named topics by their logical ids: `custom.microbatch.topicIds`
 * @example topicId('stock-ticks', {}) // 'KafkaTopicStockticks'
 */
export const topicId = (topic: string, named: Readonly<Record<string, string>>): string =>
  Object.entries(named).find(([, name]) => name === topic)?.[0] ?? `KafkaTopic${alphanumeric(topic)}`

/** @throws Refusal for a topic whose partitions nobody counts, and for two topics of one logical id */
export function cluster(options: ClusterOptions, topics: readonly Topic[]): TemplatePart {
  const { name, keepData } = options
  return {
    Resources: {
      [configurationId]: {
        Type: 'AWS::MSK::Configuration',
        ...keptWith(keepData),
        Properties: { Name: name, ServerProperties: serverProperties },
      },
      [clusterId]: mskCluster(options),
      ...Object.fromEntries(checked(topics).map((topic) => [topic.logicalId, mskTopic(topic, keepData)])),
      BrokerDiskAlarm: diskAlarm(name),
    },
    Outputs: { KafkaClusterArn: { Description: 'The MSK cluster of this stack', Value: { Ref: clusterId } } },
  }
}

const mskCluster = ({ name, brokerType, brokerDiskGb, keepData }: ClusterOptions): Resource => ({
  Type: 'AWS::MSK::Cluster',
  ...keptWith(keepData),
  DependsOn: 'PrivateRoute',
  Properties: {
    ClusterName: name,
    KafkaVersion: '3.9.x',
    NumberOfBrokerNodes: brokers.length,
    BrokerNodeGroupInfo: {
      InstanceType: brokerType,
      ClientSubnets: subnetIds.map((Ref) => ({ Ref })),
      SecurityGroups: [{ 'Fn::GetAtt': [brokerGroupId, 'GroupId'] }],
      StorageInfo: { EBSStorageInfo: { VolumeSize: brokerDiskGb } },
    },
    ClientAuthentication: { Sasl: { Iam: { Enabled: true } } },
    EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } },
    ConfigurationInfo: {
      Arn: { Ref: configurationId },
      Revision: { 'Fn::GetAtt': [configurationId, 'LatestRevision.Revision'] },
    },
  },
})

function checked(topics: readonly Topic[]): readonly Topic[] {
  for (const { topic, partitions } of topics) {
    if (partitions === undefined) {
      throw new Refusal(`produces: ${topic}: kafka=msk-new makes the topic. Say { topic: ${topic}, partitions: … }.`)
    }
  }
  for (const [logicalId, [first, second]] of Map.groupBy(topics, (topic) => topic.logicalId)) {
    if (second === undefined) continue
    const both = `The topics ${first?.topic} and ${second.topic} would both be ${logicalId}.`
    throw new Refusal(`${both} Name one of them in custom.microbatch.topicIds.`)
  }
  return topics
}

const mskTopic = ({ topic, partitions }: Topic, keepData: boolean): Resource => ({
  Type: 'AWS::MSK::Topic',
  ...keptWith(keepData),
  Properties: {
    ClusterArn: { Ref: clusterId },
    TopicName: topic,
    PartitionCount: partitions,
    ReplicationFactor: brokers.length,
  },
})

/** A broker whose disk is full stops; MSK's own guide acts at 85 %. */
const diskAlarm = (clusterName: string): Resource =>
  alarm('The disk of a broker is full to 80 %: raise brokerDiskGb, or keep less', {
    Metrics: [
      {
        Id: 'fullest',
        Expression: `MAX([${brokers.map((id) => `broker${id}`).join(', ')}])`,
        Label: 'Fullest broker',
        ReturnData: true,
      },
      ...brokers.map((id) => ({
        Id: `broker${id}`,
        ReturnData: false,
        MetricStat: {
          Period: 300,
          Stat: 'Maximum',
          Metric: {
            Namespace: 'AWS/Kafka',
            MetricName: 'KafkaDataLogsDiskUsed',
            Dimensions: [
              { Name: 'Cluster Name', Value: clusterName },
              { Name: 'Broker ID', Value: id },
            ],
          },
        },
      })),
    ],
    EvaluationPeriods: 1,
    Threshold: 80,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'missing',
  })
