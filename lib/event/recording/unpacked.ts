// The bytes of a file that may be compressed, by its name. A file may hold several compressed members one after the other, since
// each writing of a recording is a member of its own: what was written before a crash can then be read.

import type { Transform } from 'node:stream'
// The whole of it, since older versions of Node have a zlib without zstd: a mapping says so in words when it starts.
import * as zlib from 'node:zlib'

export type Packing = 'none' | 'gzip' | 'zstd'

/** @example packingOf('ticks.ndjson.zst') // 'zstd' */
export function packingOf(path: string): Packing {
  if (/\.(zst|zstd)$/i.test(path)) return 'zstd'
  return /\.(gz|gzip)$/i.test(path) ? 'gzip' : 'none'
}

/** The file ends inside of a member: what was whole came before this is thrown. */
export class CutError extends Error {
  override readonly name = 'CutError'
}

/** So much of a file is unpacked at a time that the worst of it fits into memory. */
const sliceBytes = 4096
/** What a slice may become; zlib makes a thousand bytes of one at most. */
const maxSliceOutput = 512 * 1024 * 1024

/**
 * @throws CutError at the end of what can be read; zlib's error where it is no such file, or is damaged
 * @example for await (const bytes of unpacked(createReadStream(path), packingOf(path))) …
 */
export async function* unpacked(chunks: AsyncIterable<Buffer>, packing: Packing): AsyncGenerator<Buffer> {
  if (packing === 'none') {
    yield* chunks
    return
  }
  let member: Member | undefined
  for await (const chunk of chunks) {
    for (let rest = chunk; rest.length > 0; ) {
      const slice = rest.subarray(0, sliceBytes)
      member ??= openMember(packing)
      let taken: number
      try {
        taken = await member.take(slice)
      } finally {
        // Also before an error: what is whole comes before it, and so does its line.
        yield* member.output()
      }
      rest = rest.subarray(taken)
      // It ended before the slice did: another member begins there.
      if (taken < slice.length) member = undefined
    }
  }
  if (member === undefined) return
  await member.end()
  yield* member.output()
}

interface Member {
  /** @returns how many of the bytes belong to it */
  take(bytes: Buffer): Promise<number>
  end(): Promise<void>
  output(): Buffer[]
}

function openMember(packing: 'gzip' | 'zstd'): Member {
  const engine: Transform & { readonly bytesWritten: number } =
    packing === 'gzip' ? zlib.createGunzip() : zlib.createZstdDecompress()
  const output: Buffer[] = []
  let outputBytes = 0
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => undefined)
  engine.on('data', (bytes: Buffer) => {
    output.push(bytes)
    outputBytes += bytes.length
    if (outputBytes > maxSliceOutput) engine.destroy(new Error('it unpacks to more than memory holds'))
  })
  engine.once('end', ended.resolve)
  engine.once('error', ended.reject)
  return {
    async take(bytes) {
      const before = engine.bytesWritten
      const written = new Promise<void>((resolve, reject) => {
        engine.write(bytes, (error) => (error ? reject(error) : resolve()))
      })
      written.catch(() => undefined)
      await Promise.race([written, ended.promise])
      return engine.bytesWritten - before
    },
    async end() {
      engine.end()
      await ended.promise.catch((error: unknown) => {
        const code = error instanceof Error && 'code' in error ? error.code : undefined
        throw code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong' ? new CutError('cut off') : error
      })
    },
    output() {
      outputBytes = 0
      return output.splice(0)
    },
  }
}
