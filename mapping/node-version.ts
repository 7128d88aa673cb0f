// The Node that a mapping runs on. Whatever Node lacks below it is imported by namespace, so that the plugin can be loaded there and
// say what is missing in a sentence.

import * as zlib from 'node:zlib'
import { LocalError } from './error.ts'

/** @throws LocalError NODE_UNSUPPORTED below Node 22.15, where node:zlib has no zstd */
export function assertSupportedNode(): void {
  if (typeof zlib.zstdDecompressSync === 'function') return
  throw new LocalError(
    'NODE_UNSUPPORTED',
    `Kafka mappings need Node 22.15 or later, whose zlib reads zstd; this is Node ${process.versions.node}. Start them with a newer one.`,
  )
}
