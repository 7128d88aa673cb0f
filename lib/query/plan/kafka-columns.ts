// The columns of a Kafka record that nothing has decoded: Spark's, in Spark's order (KafkaRecordToRowConverter).

import type { OutputColumns } from '../../sink/output-columns.ts'

export const kafkaColumns: OutputColumns = new Map([
  ['key', 'binary'],
  ['value', 'binary'],
  ['topic', 'string'],
  ['partition', 'int'],
  ['offset', 'long'],
  ['timestamp', 'timestamp'],
  ['timestampType', 'int'],
  ['headers', 'inferred'],
])
