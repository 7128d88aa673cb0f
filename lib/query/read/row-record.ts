// A row that a test fed in, as the record that a dead letter wants: its value is the beginning of the row as JSON.

import type { KafkaRow } from '../../event/kafka-row.ts'
import type { Coordinates } from '../../event/located-row.ts'
import { preview } from '../../preview.ts'

const maxValueLength = 10_000

export const rowRecord = (row: unknown, at: Coordinates): KafkaRow & Coordinates => ({
  ...at,
  key: null,
  value: Buffer.from(preview(row, maxValueLength)),
  headers: [],
})
