// What a recording says of a mapping: the settings by which its batches were cut.

import type { MappingSettings } from '../settings/settings.ts'
import type { RecordedMapping } from './recording.ts'

/** @example recordedMapping(settings).batchSize // 100 */
export const recordedMapping = ({
  functionKey,
  topic,
  consumerGroupId,
  batchSize,
  windowMs,
}: MappingSettings): RecordedMapping => ({ function: functionKey, topic, consumerGroupId, batchSize, windowMs })
