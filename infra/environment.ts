// What the handlers are told about the place they run in (handlers/config.ts reads it), and the network of the producer.

import type { LocalPaths, Names } from './names.ts'
import { authOf, type Parameters } from './parameters.ts'

/** A value of a template: text, or what CloudFormation puts in its place. */
export type Value = string | { readonly Ref: string } | { readonly 'Fn::GetAtt': readonly string[] }

/** Of all functions. A variable that has no value is not there. */
export function environment(
  parameters: Parameters,
  { service, stage, topic, partitions }: Names,
  local: LocalPaths | null,
): Readonly<Record<string, Value>> {
  const { kafka, bootstrapServers, credentials, rootCertificate } = parameters
  const clusterArn = clusterArnOf(parameters)
  const variables: Readonly<Record<string, Value | null>> = {
    SERVICE: `${service}-${stage}`,
    TOPIC: topic,
    PARTITIONS: String(partitions),
    KAFKA_BROKERS: clusterArn === null ? bootstrapServers.join(',') : null,
    KAFKA_CLUSTER_ARN: clusterArn,
    KAFKA_AUTH: authOf(parameters),
    KAFKA_CREDENTIALS: kafka === 'local' ? null : credentials,
    KAFKA_ROOT_CERTIFICATE: kafka === 'local' ? null : rootCertificate,
    DEAD_LETTER_QUEUE_URL: local === null ? { Ref: 'DeadLetterQueue' } : null,
    DEAD_LETTER_FILE: local?.deadLetterFile ?? null,
    AWS_ENDPOINT_URL_DYNAMODB: local?.dynamoDbEndpoint ?? null,
  }
  return Object.fromEntries(Object.entries(variables).filter((entry): entry is [string, Value] => entry[1] !== null))
}

/** The MSK cluster: the one that was named, or the one of this stack. */
export const clusterArnOf = ({ kafka, clusterArn }: Parameters): string | { readonly Ref: string } | null =>
  kafka === 'msk-new' ? { Ref: 'KafkaCluster' } : kafka === 'msk' ? clusterArn : null

/** Null where the producer reaches Kafka by the internet, or on a laptop. */
export function producerNetwork({ kafka, subnetIds, securityGroupIds }: Parameters) {
  if (kafka === 'msk-new') {
    return {
      subnetIds: ['PrivateSubnetA', 'PrivateSubnetB', 'PrivateSubnetC'].map((Ref) => ({ Ref })),
      securityGroupIds: [{ Ref: 'KafkaClientSecurityGroup' }],
    }
  }
  return kafka === 'local' || subnetIds.length === 0 ? null : { subnetIds, securityGroupIds }
}
