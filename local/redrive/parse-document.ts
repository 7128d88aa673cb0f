// A document as something that may be sent again: a dead letter (lib/sink/dead-letter-json.ts writes it), AWS's record of a discarded
// batch with or without its payload, or a Kafka event as it was. Pure.
import { createHash } from 'node:crypto'
import { type KafkaRow, parseKafkaEvent } from 'microbatch'
import { messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { z } from 'zod'
import type { MissingRecords, Redrivable } from './redrivable.ts'
import type { Json } from './unwrapped.ts'

const bytes = z.base64().nullable()
const metadata = z.object({ dataFormat: z.string(), schemaId: z.string() }).optional()

const Letter = z.object({
  id: z.string(),
  query: z.string(),
  topic: z.string(),
  partition: z.number().int(),
  offset: z.number().int(),
  index: z.number().int().optional(),
  timestamp: z.number(),
  reason: z.string(),
  key: bytes,
  value: bytes,
  headers: z.array(z.tuple([z.string(), bytes])),
  truncated: z.record(z.string(), z.unknown()).optional(),
  keySchemaMetadata: metadata,
  valueSchemaMetadata: metadata,
})

const Offset = z.union([z.string().regex(/^\d+$/), z.number()]).transform(Number)
const Failure = z.object({
  requestContext: z.object({ requestId: z.string(), functionArn: z.string(), condition: z.string() }),
  KafkaBatchInfo: z.object({
    recordsInfo: z.record(z.string(), z.object({ firstRecordOffset: Offset, lastRecordOffset: Offset })).optional(),
  }),
  payload: z.unknown().optional(),
})

/**
 * @param where it was read, for messages
 * @returns undefined for a document of another kind
 * @example parseDocument(JSON.parse(line), 'dead-letters.ndjson:3')?.reason // 'NOT_JSON'
 */
export function parseDocument(document: Json, where: string): Redrivable | undefined {
  const letter = Letter.safeParse(document)
  if (letter.success) return ofLetter(letter.data, where)
  const failure = Failure.safeParse(document)
  if (failure.success) return ofFailure(failure.data, where)
  if (!('eventSource' in document) || !('records' in document)) return undefined
  return { id: digest(document), where, reason: 'archived', missing: [], ...recordsOf(document) }
}

function ofLetter(letter: z.output<typeof Letter>, where: string): Redrivable {
  const { id, query, topic, partition, offset, timestamp, reason, truncated } = letter
  const item = { id: `${query} ${id}`, where, reason, query }
  if (offset < 0) {
    const obstacle = 'it is of a group, not of a record: what made it bad is in the query'
    return { ...item, records: [], missing: [], obstacle }
  }
  if (truncated !== undefined) {
    return { ...item, records: [], missing: [{ topic, partition, first: offset, last: offset }] }
  }
  const row: KafkaRow = {
    ...{ topic, partition, offset, timestamp, timestampType: timestamp < 0 ? -1 : 0 },
    key: bufferOf(letter.key),
    value: bufferOf(letter.value),
    headers: letter.headers.map(([key, value]) => ({ key, value: bufferOf(value) })),
    ...(letter.keySchemaMetadata === undefined ? {} : { keySchemaMetadata: letter.keySchemaMetadata }),
    ...(letter.valueSchemaMetadata === undefined ? {} : { valueSchemaMetadata: letter.valueSchemaMetadata }),
  }
  return { ...item, records: [row], missing: [] }
}

function ofFailure({ requestContext, KafkaBatchInfo, payload }: z.output<typeof Failure>, where: string): Redrivable {
  const { requestId, functionArn, condition: reason } = requestContext
  const functionName = functionArn.split(':')[6]
  if (payload !== undefined) {
    const found = recordsOf(typeof payload === 'string' ? jsonOr(payload) : payload)
    // A topic gets a message for each record, all of one request.
    const [first] = found.records
    const id = `${requestId} ${first === undefined ? '' : `${first.topic}-${first.partition}-${first.offset}`}`
    return { id, where, reason, functionName, missing: [], ...found }
  }
  const missing = Object.entries(KafkaBatchInfo.recordsInfo ?? {}).map(([key, span]): MissingRecords => {
    const split = key.lastIndexOf('-')
    const { firstRecordOffset: first, lastRecordOffset: last } = span
    return { topic: key.slice(0, split), partition: Number(key.slice(split + 1)), first, last }
  })
  const obstacle = missing.length === 0 ? 'it names no records' : undefined
  return { id: requestId, where, reason, functionName, records: [], missing, obstacle }
}

function recordsOf(event: unknown): Pick<Redrivable, 'records' | 'obstacle'> {
  try {
    return { records: parseKafkaEvent(event).rows }
  } catch (error) {
    return { records: [], obstacle: `its payload is no Kafka event: ${messageOf(error)}` }
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const bufferOf = (base64: string | null): Buffer | null => (base64 === null ? null : Buffer.from(base64, 'base64'))

const digest = (document: Json): string => createHash('sha256').update(JSON.stringify(document)).digest('hex')
