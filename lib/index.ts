// The whole public face of lib. What is not exported here is not promised.

export type { Aggregate, Aggregates } from './aggregate/functions/aggregate.ts'
export {
  approxCountDistinct,
  avg,
  count,
  countDistinct,
  max,
  min,
  sum,
} from './aggregate/functions/built-in.ts'
export { bitAnd, bitOr, bitXor, boolAnd, boolOr, countIf, every, some } from './aggregate/functions/conditions.ts'
export { type AggregateDefinition, aggregate, type CustomAggregate } from './aggregate/functions/custom-aggregate.ts'
export { anyValue, first, type IgnoreNulls, last, maxBy, minBy } from './aggregate/functions/selected-row.ts'
export {
  corr,
  covarPop,
  covarSamp,
  regrCount,
  regrIntercept,
  regrR2,
  regrSlope,
} from './aggregate/functions/statistics/relation.ts'
export {
  kurtosis,
  skewness,
  stddev,
  stddevPop,
  stddevSamp,
  variance,
  varPop,
  varSamp,
} from './aggregate/functions/statistics/spread.ts'
export { collectList } from './aggregate/functions/values/collected.ts'
export { collectSet, mode, sumDistinct } from './aggregate/functions/values/different.ts'
export { median, percentile, percentileApprox } from './aggregate/functions/values/percentiles.ts'
export type { OutputMode } from './aggregate/output-mode.ts'
export { type GapOf, type SessionWindowDefinition, sessionWindow } from './aggregate/session-window.ts'
export type { WatermarkPolicy } from './aggregate/watermark.ts'
export { type TimeWindow, type WindowDefinition, window } from './aggregate/window.ts'
export { type WindowTime, windowTime } from './aggregate/window-time.ts'
export { byTopic, type RowOfTopics } from './decode/by-topic.ts'
export { checked, type StandardResult, type StandardSchema } from './decode/checked.ts'
export {
  type Codec,
  type Decoded,
  type DecodedMany,
  decoded,
  type Malformed,
  type MalformedPolicy,
  type MalformedReason,
  type ManyCodec,
  malformed,
} from './decode/codec.ts'
export {
  array,
  bigint,
  byte,
  type DecimalOptions,
  date,
  decimal,
  float,
  map,
  oneOf,
  short,
  timestampNtz,
} from './decode/columns.ts'
export type { PermissiveRow } from './decode/from-json.ts'
export {
  type FailingJsonOptions,
  type JsonOptions,
  json,
  type ManyOptions,
  type PermissiveJsonOptions,
  type StrictJsonOptions,
} from './decode/json.ts'
export { getJsonObject } from './decode/json-functions/get-json-object.ts'
export { jsonArrayLength, jsonObjectKeys } from './decode/json-functions/json-shape.ts'
export { toJson } from './decode/json-functions/to-json.ts'
export {
  binary,
  boolean,
  type Column,
  double,
  type Infer,
  int,
  long,
  type Schema,
  string,
  struct,
  type TimestampOptions,
  timestamp,
} from './decode/schema.ts'
export { type ErrorCode, errorCodes, MicrobatchError } from './error.ts'
export type { BatchItemFailure, BatchResponse } from './event/batch-response.ts'
export { encodeKafkaEvent } from './event/encode.ts'
export type {
  EventOrigin,
  KafkaEvent,
  MskEvent,
  SchemaMetadata,
  SelfManagedKafkaEvent,
  WireRecord,
} from './event/kafka-event.ts'
export type { KafkaHeader, KafkaRow, TimestampType } from './event/kafka-row.ts'
export type { Coordinates } from './event/located-row.ts'
export { type ParsedKafkaEvent, parseKafkaEvent } from './event/parse.ts'
export { checkState, resetState } from './query/aggregation/kept-state.ts'
export type { PartitionCounts } from './query/aggregation/partition-counts.ts'
export {
  type ListState,
  listState,
  type MapState,
  mapState,
  type ValueState,
  valueState,
} from './query/custom-state/state-variable.ts'
export type {
  ExpiredTimer,
  StatefulContext,
  StatefulProcessor,
  TimeMode,
} from './query/custom-state/stateful-processor.ts'
export { deadLetter, type SetAside } from './query/held/set-aside.ts'
export { type KafkaHandlerOptions, kafkaHandler } from './query/kafka-handler.ts'
export type { KafkaRecords, KafkaSource, KafkaStream } from './query/kafka-stream.ts'
export { type DynamoLookupOptions, dynamoLookup } from './query/lookup/dynamo-lookup.ts'
export { fileRows } from './query/lookup/file-rows.ts'
export { type Lookup, type LookupCacheOptions, lookup, staticRows } from './query/lookup/lookup.ts'
export { type NamedStream, stream } from './query/named-stream.ts'
export { type CurrentTimestamp, currentTimestamp } from './query/operators/current-timestamp.ts'
export { header, type KafkaColumn, kafkaColumn } from './query/plan/columns/added-columns.ts'
export { asc, desc, type SortOrder } from './query/plan/columns/sort-order.ts'
export type { StreamingQuery, WriteStreamOptions } from './query/plan/streaming-query.ts'
export type { StreamingQueryProgress } from './query/run/progress.ts'
export type { GroupedStream, Stream } from './query/stream.ts'
export { type QueryStateOptions, queryState } from './query/table/query-state.ts'
export type {
  AsOf,
  GroupKey,
  StateRow,
  StateRows,
  StateTable,
  StateVersion,
  WindowlessKey,
  WindowRange,
} from './query/table/state-table.ts'
export {
  type TopicBatch,
  type TopicBatchGrouping,
  type TopicBatchResult,
  topicBatch,
} from './query/topic-batch-mode.ts'
export { type ConsoleSinkOptions, consoleSink } from './sink/console.ts'
export { type DeadLetter, type DeadLetterReason, type DeadLetterSink, memoryDeadLetters } from './sink/dead-letter.ts'
export { fileDeadLetters } from './sink/dead-letter-file.ts'
export {
  type QueueClient,
  type QueueConfiguration,
  type QueueDeadLettersOptions,
  queueDeadLetters,
} from './sink/dead-letter-queue.ts'
export type { FileColumn, FileFormat, NdjsonOptions } from './sink/files/file-format.ts'
export { ndjson } from './sink/files/file-format.ts'
export { type FileSinkOptions, fileSink } from './sink/files/file-sink.ts'
export type { OutputColumns } from './sink/output-columns.ts'
export type { Oversized } from './sink/oversized.ts'
export { type ForeachWriter, foreach, foreachBatch } from './sink/rows/foreach.ts'
export { type DeadLetterRow, deadLettersTo } from './sink/rows/letters-to-sink.ts'
export { type MemorySink, memorySink } from './sink/rows/memory-sink.ts'
export type { TimeForm } from './sink/rows/row-json.ts'
export { type ShowOptions, showString } from './sink/show-string.ts'
export type { EmittedRow, OversizedRow, Sink, SinkBatch, SinkCall } from './sink/sink.ts'
export type { Evolve } from './state/protocol/operators/stateful-query.ts'
export type { StateStore } from './state/store.ts'
export { type DynamoClient, type DynamoStateOptions, dynamoState } from './state/stores/dynamodb.ts'
export { type MemoryStateOptions, memoryState } from './state/stores/memory.ts'
export type { ColumnKind, ColumnType } from './types/column-type.ts'
export { Decimal } from './types/numbers/decimal-value.ts'
