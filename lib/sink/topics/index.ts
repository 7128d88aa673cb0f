// `microbatch/sinks/kafka`: rows to a topic. It needs kafkajs beside it.

export type { Oversized } from '../oversized.ts'
export { jsonValue, type RowEncoder } from '../rows/row-encoder.ts'
export type { MessageKey } from './kafka-messages.ts'
export { type KafkaSinkOptions, kafkaSink } from './kafka-sink.ts'
export type { SinkConnection } from './sink-producer.ts'
