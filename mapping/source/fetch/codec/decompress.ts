// The codecs of Kafka's record batches, each with a bound: a few kilobytes can say that they expand to gigabytes.

import * as zlib from 'node:zlib'
import { maxExpandedBatchBytes } from '../../../settings/limits.ts'
import { decompressLz4 } from './lz4.ts'
import { ExpansionError } from './output.ts'
import { decompressSnappy } from './snappy.ts'

/** By the number in a batch's attributes. What the mapping writes, to a Kafka destination, is not compressed. */
const codecs = new Map<number, (bytes: Buffer, maxBytes: number) => Buffer>([
  [1, (bytes, maxOutputLength) => zlib.gunzipSync(bytes, { maxOutputLength })],
  [2, decompressSnappy],
  [3, decompressLz4],
  [4, (bytes, maxOutputLength) => zlib.zstdDecompressSync(bytes, { maxOutputLength })],
])

/**
 * @param codec the number in a batch's attributes, not 0
 * @throws ExpansionError (rejects) where it comes to more than `maxBytes`; what the codec throws for damaged bytes
 * @example await decompress(4, bytes)
 */
export async function decompress(codec: number, bytes: Buffer, maxBytes = maxExpandedBatchBytes): Promise<Buffer> {
  const read = codecs.get(codec)
  if (read === undefined) throw new Error(`records are compressed by a codec that is not known, ${codec}`)
  try {
    return read(bytes, maxBytes)
  } catch (error) {
    const isTooMuch = error instanceof RangeError && Reflect.get(error, 'code') === 'ERR_BUFFER_TOO_LARGE'
    throw isTooMuch ? new ExpansionError(maxBytes) : error
  }
}
