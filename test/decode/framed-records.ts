// Records as a registry's serializer writes them, for the tests of codecs.

import type { Codec, Decoded } from '../../lib/decode/codec.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import { aRecord } from '../builders.ts'

/** Confluent's header before a payload. */
export const framed = (id: number, ...payload: readonly Uint8Array[]): Buffer => {
  const header = Buffer.alloc(5)
  header.writeInt32BE(id, 1)
  return Buffer.concat([header, ...payload])
}

/** Glue's header, without compression. */
export const framedByGlue = (uuid: string, ...payload: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([3, 0]), Buffer.from(uuid.replaceAll('-', ''), 'hex'), ...payload])

/** What the codec makes of one value, as a batch of its own. */
export async function decodeOne<Row>(
  codec: Codec<Row>,
  value: Buffer | null,
  change: Partial<Pick<KafkaRow, 'valueSchemaMetadata'>> = {},
): Promise<Decoded<Row>> {
  const record = { ...aRecord({ value }), ...change }
  await codec.prepare?.([record])
  return codec.decode(record)
}

/** The row of a value that must be one. */
export async function rowOf<Row>(...given: Parameters<typeof decodeOne<Row>>): Promise<Row> {
  const decoded = await decodeOne(...given)
  if (decoded.kind === 'row') return decoded.row
  throw new Error(`${decoded.reason}: ${decoded.detail}`)
}
