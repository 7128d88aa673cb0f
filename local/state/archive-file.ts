// An archive of kept state as a file: written beside its name first, so that the name stands for a whole one, and compressed where the
// name says so. It holds what records held: mode 0600.
import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { finished, pipeline } from 'node:stream/promises'
// The whole of it, since older versions of Node have a zlib without zstd.
import * as zlib from 'node:zlib'
import { archiveLines, type MovedState, parseArchive } from 'microbatch/state'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { sayingWhatState } from './failure.ts'

/** Lines that are written together. */
const numTogether = 1_000

/**
 * @throws LocalError COMMAND_INVALID where the file is there; STATE_UNUSABLE where it cannot be written
 * @example await writeArchive('bars.ndjson.gz', movedState(kept, Date.now()))
 */
export async function writeArchive(file: string, state: MovedState): Promise<void> {
  if (existsSync(file)) throw new LocalError('COMMAND_INVALID', `${file} is there already: name another file.`)
  const part = `${file}.part`
  try {
    const out = createWriteStream(part, { mode: 0o600 })
    const packer = packerOf(file)
    const first = packer ?? out
    const written = packer === undefined ? finished(out) : pipeline(packer, out)
    const write = async (): Promise<void> => {
      let lines: string[] = []
      const flush = async (): Promise<void> => {
        if (!first.write(lines.join(''))) await once(first, 'drain')
        lines = []
      }
      for (const line of archiveLines(state)) {
        lines.push(`${line}\n`)
        if (lines.length === numTogether) await flush()
      }
      await flush()
      first.end()
    }
    await Promise.all([write(), written])
    renameSync(part, file)
  } catch (error) {
    rmSync(part, { force: true })
    throw new LocalError('STATE_UNUSABLE', `cannot write ${file}: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * @throws LocalError STATE_UNUSABLE where it cannot be read, or is no archive, naming the line
 * @example const { query, progress } = await readArchive('bars.ndjson.gz')
 */
export async function readArchive(file: string): Promise<MovedState> {
  try {
    const bytes = createReadStream(file)
    const unpacker = unpackerOf(file)
    if (unpacker !== undefined) bytes.on('error', (error) => unpacker.destroy(error))
    const input = unpacker === undefined ? bytes : bytes.pipe(unpacker)
    return await sayingWhatState(() => parseArchive(linesOf(input)))
  } catch (error) {
    throw new LocalError('STATE_UNUSABLE', `${file}: ${messageOf(error)}`, { cause: error })
  }
}

/** An error of the stream ends the lines, which readline alone would let end in silence. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  let failure: unknown
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  input.on('error', (error) => {
    failure = error
    lines.close()
  })
  yield* lines
  if (failure !== undefined) throw failure
}

const isGzip = (file: string): boolean => /\.gz$/i.test(file)
const isZstd = (file: string): boolean => /\.zst$/i.test(file)

const packerOf = (file: string) =>
  isGzip(file) ? zlib.createGzip() : isZstd(file) ? zlib.createZstdCompress() : undefined
const unpackerOf = (file: string) =>
  isGzip(file) ? zlib.createGunzip() : isZstd(file) ? zlib.createZstdDecompress() : undefined
