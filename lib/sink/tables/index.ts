// `microbatch/sinks/dynamodb`: rows to a table. It needs @aws-sdk/client-dynamodb beside it.

export type { SinkEnvironment } from '../aws-place.ts'
export type { Oversized } from '../oversized.ts'
export { type DynamoSinkOptions, dynamoSink, type TableClient } from './dynamo-sink.ts'
