// Kept state as lines of text: a header, then each shard with its lines, and at the end a checksum, by which a file that was cut
// short is known. Whoever reads it back has the same state to the letter.

import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { MicrobatchError, messageOf } from '../../error.ts'
import { type Head, headItem, headOf } from '../items/head.ts'
import { jsonOf, textOf } from '../items/item-body.ts'
import { type Progress, progressFromItem, progressItem } from '../items/progress.ts'
import { archivedLine, loggedLine } from './archived-line.ts'
import { type KeptState, shardsIn } from './kept-state.ts'

const formatVersion = 1

const headerSchema = z.looseObject({
  archive: z.literal('microbatch-state'),
  version: z.number(),
  query: z.string(),
  takenAtMs: z.number(),
  progress: z.unknown(),
})
const shardSchema = z.looseObject({ shard: z.number(), lines: z.number(), head: z.unknown() })
const endSchema = z.looseObject({ end: z.literal('archive'), sha256: z.string() })

/** State that is in no table: what an archive holds, or what was read to be written under another name. */
export interface MovedState {
  /** The name that it was kept under. */
  readonly query: string
  /** Epoch milliseconds. */
  readonly takenAtMs: number
  readonly progress: Progress
  readonly shards: readonly MovedShard[]
}

export interface MovedShard {
  /** Its segments and tail are in `texts`. */
  readonly head: Head
  /** Lines of the log, each with its line break, in pieces. */
  readonly texts: readonly string[]
  readonly numLines: number
}

/** About so much text is one piece. */
const pieceLength = 1_000_000

/** What was read as it is written elsewhere. */
export const movedState = ({ name, progress, shards }: KeptState, takenAtMs: number): MovedState => ({
  query: name,
  takenAtMs,
  progress,
  shards: shards.map(({ head, groups }) => ({
    head,
    texts: groups.rewrite(pieceLength),
    numLines: groups.size,
  })),
})

/**
 * The lines of an archive, without their line breaks.
 * @example for (const line of archiveLines(movedState(kept, Date.now()))) file.write(`${line}\n`)
 */
export function* archiveLines({ query, takenAtMs, progress, shards }: MovedState): Generator<string> {
  const hash = createHash('sha256')
  const hashed = (line: string): string => {
    hash.update(`${line}\n`)
    return line
  }
  const header = { archive: 'microbatch-state', version: formatVersion, query, takenAtMs }
  yield hashed(JSON.stringify({ ...header, progress: bodyOf(progressItem(query, progress)) }))
  for (const [shard, { head, texts, numLines }] of shards.entries()) {
    const fields = bodyOf(headItem('', { ...head, segments: [], tail: [] }, ''))
    yield hashed(JSON.stringify({ shard, lines: numLines, isWritten: head.rev !== null, head: fields }))
    for (const text of texts) for (const line of linesOf(text)) yield hashed(archivedLine(line))
  }
  yield JSON.stringify({ end: 'archive', sha256: hash.digest('hex') })
}

const bodyOf = ({ body }: { readonly body: Uint8Array }): unknown => JSON.parse(textOf(body))

function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const to = text.indexOf('\n', from)
    yield text.slice(from, to)
    from = to + 1
  }
}

/**
 * @param lines of an archive, without their line breaks
 * @throws MicrobatchError ARCHIVE_INVALID naming the line; STATE_INCOMPATIBLE for state of another layout
 * @example const { query, shards } = await parseArchive(createInterface(createReadStream('bars.ndjson')))
 */
export async function parseArchive(lines: AsyncIterable<string> | Iterable<string>): Promise<MovedState> {
  const hash = createHash('sha256')
  let header: Omit<MovedState, 'shards'> | undefined
  const shards: Unfinished[] = []
  let isEnded = false
  let number = 0
  const take = (line: string): void => {
    const json = jsonOf(line)
    if (isEnded) throw invalid('it comes after the end of the archive')
    if (header === undefined) header = headerOf(json)
    else if (isMissing(shards.at(-1))) add(shards.at(-1), loggedLine(json))
    else if (endSchema.safeParse(json).success) {
      if (endSchema.parse(json).sha256 !== hash.digest('hex'))
        throw invalid('the lines before it are not those written')
      isEnded = true
      return
    } else shards.push(shardOf(json, shards.length))
    hash.update(`${line}\n`)
  }
  for await (const line of lines) {
    number += 1
    try {
      take(line)
    } catch (error) {
      if (!(error instanceof MicrobatchError) || error.code !== 'ARCHIVE_INVALID') throw error
      throw new MicrobatchError('ARCHIVE_INVALID', `line ${number}: ${messageOf(error)}`, { cause: error })
    }
  }
  if (header === undefined || !isEnded) throw invalid(`it ends after line ${number}, before its end: it was cut short`)
  if (shards.length !== shardsIn(header.progress.fingerprint)) throw invalid('it has not all shards of its query')
  return { ...header, shards }
}

const invalid = (problem: string): MicrobatchError => new MicrobatchError('ARCHIVE_INVALID', problem)

function headerOf(json: unknown): Omit<MovedState, 'shards'> {
  const parsed = headerSchema.safeParse(json)
  if (!parsed.success) throw invalid('it is not the first line of an archive of state')
  const { version, query, takenAtMs, progress } = parsed.data
  if (version !== formatVersion) throw invalid(`the archive is of version ${version}, and ${formatVersion} is known`)
  const item = { pk: `q#${query}`, sk: 'progress', rev: '', body: Buffer.from(JSON.stringify(progress)) }
  return { query, takenAtMs, progress: progressFromItem(item) }
}

interface Unfinished {
  readonly head: Head
  readonly texts: string[]
  numLines: number
  readonly expected: number
}

function shardOf(json: unknown, number: number): Unfinished {
  const parsed = shardSchema.safeParse(json)
  if (!parsed.success || parsed.data.shard !== number) throw invalid(`it does not begin shard ${number}`)
  const { head, isWritten, lines } = parsed.data
  const item = { pk: `shard ${number}`, sk: 'head', rev: '', body: Buffer.from(`${JSON.stringify(head)}\n`) }
  return { head: { ...headOf(item), rev: isWritten === true ? '' : null }, texts: [], numLines: 0, expected: lines }
}

const isMissing = (shard: Unfinished | undefined): shard is Unfinished =>
  shard !== undefined && shard.numLines < shard.expected

function add(shard: Unfinished | undefined, line: string): void {
  if (shard === undefined) return
  const text = `${line}\n`
  const last = shard.texts.at(-1)
  if (last === undefined || last.length >= pieceLength) shard.texts.push(text)
  else shard.texts[shard.texts.length - 1] = last + text
  shard.numLines += 1
}
