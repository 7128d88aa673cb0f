// The columns of a Kafka record that nothing has decoded: Spark's, in Spark's order (KafkaRecordToRowConverter).

import { binary, inferredColumn, int, long, string, timestamp } from '../../../decode/schema.ts'
import type { OutputColumns } from '../../../sink/output-columns.ts'

export const kafkaColumns: OutputColumns = new Map([
  ['key', binary().nullable()],
  ['value', binary().nullable()],
  ['topic', string()],
  ['partition', int()],
  ['offset', long()],
  ['timestamp', timestamp()],
  ['timestampType', int()],
  ['headers', inferredColumn()],
])
