// What a handler that writes to Kafka imports: `microbatch/kafka`. It needs kafkajs beside it.

export type { AwsEnvironment } from './aws-request.ts'
export {
  type ConnectionSettings,
  type KafkaAuth,
  type KafkaConnection,
  kafkaAuths,
  kafkaConnection,
} from './connection.ts'
