// What a function that writes to Kafka wants to know of the place that it runs in, from the variables that the deployment sets.

import type { ConnectionSettings } from '../kafka/connection.ts'
import { type Environment, isOnLambda, ProducerVariables, readVariables } from './variables.ts'

export interface ProducerPlace {
  /** The service and its stage: `microbatch-prod`. */
  readonly service: string
  /** The topic that the function writes to. */
  readonly topic: string
  /** How it reaches Kafka, for `kafkaConnection` of `microbatch/kafka`. */
  readonly kafka: ConnectionSettings
}

/**
 * @param environment `process.env`; variables.ts lists what is read
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong or missing
 * @example
 * const { topic, kafka } = producerFromEnvironment(process.env)
 * const connection = await kafkaConnection(kafka, process.env)
 */
export function producerFromEnvironment(environment: Environment): ProducerPlace {
  const variables = readVariables(ProducerVariables, environment)
  return {
    service: variables.SERVICE,
    topic: variables.TOPIC,
    kafka: {
      brokers: variables.KAFKA_BROKERS,
      auth: variables.KAFKA_AUTH,
      clusterArn: variables.KAFKA_CLUSTER_ARN,
      credentialsArn: variables.KAFKA_CREDENTIALS,
      rootCertificateArn: variables.KAFKA_ROOT_CERTIFICATE,
      allowedHosts: isOnLambda(variables) ? undefined : variables.ALLOW_REMOTE,
    },
  }
}
