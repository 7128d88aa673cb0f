// kafkajs, as a private copy with three of its modules replaced. Its record decoder folds headers into an object, which loses
// their order; its batch crawls through what compaction left, offset by offset; its request queue wakes a thousand times a
// second with a negative timer, which Node 24 warns of. Nobody else who uses kafkajs is touched.

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { compileFunction } from 'node:vm'
import { decompress } from './fetch/codec/decompress.ts'
import { FetchedBatch } from './fetch/fetched-batch.ts'
import { type RecordBatch, readRecordBatches } from './fetch/record-batches.ts'

/** kafkajs's `protocol/decoder.js`, as far as a fetch needs it. */
interface ByteReader {
  readInt32(): number
  canReadBytes(count: number): boolean
  readBytes(count: number): Buffer
}

/** In place of `requests/fetch/v4/decodeMessages.js`, which all later versions of the response use. */
async function decodeMessages(reader: ByteReader): Promise<readonly RecordBatch[]> {
  const size = reader.readInt32()
  return size <= 0 || !reader.canReadBytes(size) ? [] : readRecordBatches(reader.readBytes(size), decompress)
}

/**
 * Loads kafkajs's files into a cache of their own. Not Node's: kafkajs loads its protocol versions when they are first
 * used, long after any exchange in Node's cache would have to be undone.
 */
function loadPrivateCopy(): typeof import('kafkajs') {
  const entry = createRequire(import.meta.url).resolve('kafkajs')
  const root = dirname(entry)
  const replacements = new Map<string, (original: unknown) => unknown>([
    [join(root, 'src/protocol/requests/fetch/v4/decodeMessages.js'), () => decodeMessages],
    [join(root, 'src/consumer/batch.js'), () => FetchedBatch],
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

export const { AssignerProtocol, Kafka, logLevel, PartitionAssigners, Partitioners } = loadPrivateCopy()
