// kafkajs, as a private copy with two of its modules replaced. Its record decoder folds headers into an object, which loses
// the order across keys and garbles keys such as `constructor`; AWS hands headers over in record order. Its request queue
// wakes a thousand times a second with a negative timer, which Node 24 warns of. Nobody else who uses kafkajs is touched.

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { compileFunction } from 'node:vm'
import { zstdDecompressSync } from 'node:zlib'
import type { TimestampType } from '../../lib/event/kafka-row.ts'
import { decompressLz4 } from './codec/lz4.ts'
import { decompressSnappy } from './codec/snappy.ts'

/** What the replaced decoder adds to kafkajs's messages; kafkajs passes messages through as they are. */
export interface DecodedMessage {
  readonly offset: string
  readonly timestampMs: number
  readonly timestampType: TimestampType
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headerList: ReadonlyArray<{ readonly key: string; readonly value: Buffer | null }>
}

/** kafkajs's `protocol/decoder.js`, as far as a record needs it. */
export interface ByteReader {
  readonly buffer: Buffer
  offset: number
  readInt8(): number
  readVarInt(): number
  readVarIntBytes(): Buffer | null
  readVarIntString(): string | null
}

export interface BatchContext {
  readonly firstOffset: string
  readonly firstTimestamp: string
  readonly maxTimestamp: string
  readonly magicByte: number
  readonly isControlBatch: boolean
  readonly timestampType: TimestampType
}

/**
 * `protocol/recordBatch/record/v0/decoder.js` with the headers as a list and the numbers as numbers.
 * @example decodeRecord(new Decoder(bytes), batchContext).headerList // [{ key: 'trace', value: <Buffer 61> }]
 */
export function decodeRecord(reader: ByteReader, batchContext: BatchContext): DecodedMessage {
  const attributes = reader.readInt8()
  const timestampDelta = readVarLong(reader)
  const offsetDelta = reader.readVarInt()
  const isLogAppendTime = batchContext.timestampType === 1
  const timestampMs = isLogAppendTime
    ? Number(batchContext.maxTimestamp)
    : Number(batchContext.firstTimestamp) + timestampDelta
  const key = reader.readVarIntBytes()
  const value = reader.readVarIntBytes()
  const headerList = Array.from({ length: Math.max(0, reader.readVarInt()) }, () => ({
    key: reader.readVarIntString() ?? '',
    value: reader.readVarIntBytes(),
  }))
  const message = {
    magicByte: batchContext.magicByte,
    attributes,
    timestamp: String(timestampMs),
    timestampMs,
    // A topic of message format 0 has none; Kafka 4 answers no such batch.
    timestampType: timestampMs === -1 ? (-1 as const) : batchContext.timestampType,
    offset: String(Number(batchContext.firstOffset) + offsetDelta),
    key,
    value,
    headers: {},
    headerList,
    isControlRecord: batchContext.isControlBatch,
    batchContext,
  }
  return message
}

/** Exact up to 2^53, which covers every timestamp and offset a double can hold. */
function readVarLong(reader: ByteReader): number {
  let result = 0
  let scale = 1
  let byte: number
  do {
    byte = reader.buffer.readUInt8(reader.offset)
    reader.offset += 1
    result += (byte & 0x7f) * scale
    scale *= 128
  } while (byte >= 0x80)
  return result % 2 === 0 ? result / 2 : -(result + 1) / 2
}

/**
 * Loads kafkajs's files into a cache of their own. Not Node's: kafkajs loads its protocol versions when they are first
 * used, long after any exchange in Node's cache would have to be undone.
 */
function loadPrivateCopy(): typeof import('kafkajs') {
  const entry = createRequire(import.meta.url).resolve('kafkajs')
  const root = dirname(entry)
  const replacements = new Map<string, (original: unknown) => unknown>([
    [join(root, 'src/protocol/recordBatch/record/v0/decoder.js'), () => decodeRecord],
    [join(root, 'src/network/requestQueue/index.js'), quietRequestQueue],
  ])
  for (const path of replacements.keys())
    if (!existsSync(path)) throw new Error(`kafkajs has no ${path}: is it still version 2.2.4?`)
  const loaded = new Map<string, { exports: unknown }>()

  const load = (path: string): unknown => {
    const known = loaded.get(path)
    if (known !== undefined) return known.exports
    const module: { exports: unknown } = { exports: {} }
    loaded.set(path, module)
    const nodeRequire = createRequire(path)
    const ownRequire = (request: string): unknown => {
      const target = nodeRequire.resolve(request)
      return target.startsWith(root) && target.endsWith('.js') ? load(target) : nodeRequire(request)
    }
    const run = compileFunction(
      readFileSync(path, 'utf8'),
      ['exports', 'require', 'module', '__filename', '__dirname'],
      {
        filename: path,
      },
    )
    run(module.exports, ownRequire, module, path, dirname(path))
    module.exports = replacements.get(path)?.(module.exports) ?? module.exports
    return module.exports
  }
  return load(entry) as typeof import('kafkajs')
}

interface RequestQueue {
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
  scheduleCheckPendingRequests(): void
}

/** With nothing pending there is nothing to check: each new request asks for itself. */
function quietRequestQueue(original: unknown): unknown {
  const Queue = original as new (options: unknown) => RequestQueue
  const schedule = Queue.prototype.scheduleCheckPendingRequests as (this: RequestQueue) => void
  Queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this)
  }
  return Queue
}

export const { Kafka, logLevel, CompressionCodecs, CompressionTypes, Partitioners } = loadPrivateCopy()

// kafkajs brings gzip only. The mapping reads; what it writes is not compressed.
const reads = (decompress: (input: Buffer) => Buffer) => () => ({
  compress: async () => {
    throw new Error('the mapping writes no compressed batches')
  },
  decompress: async (input: Buffer) => decompress(input),
})
CompressionCodecs[CompressionTypes.Snappy] = reads(decompressSnappy)
CompressionCodecs[CompressionTypes.LZ4] = reads(decompressLz4)
CompressionCodecs[CompressionTypes.ZSTD] = reads(zstdDecompressSync)
