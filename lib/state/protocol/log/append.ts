// APPEND: changed groups of a shard, and what its head says beside them, by one conditional write of the head. Changes that fit
// go into the head itself; else they and the head's own go into new segments first, which count only once a head names them. Where
// one segment more would make the log long, a snapshot of all groups, the changed ones as they are now, is written in its place.

import { TextWriter } from '../../../text-writer.ts'
import { type Head, headItem } from '../../items/head.ts'
import { entryLane, isGroupEnd } from '../../items/lane.ts'
import { fitsItem, type Packed, pack, packLines, unpack, writeImageStart } from '../../items/segment.ts'
import { slotOf } from '../../shards/due-times.ts'
import { type GroupImage, gone } from '../../shards/group-image.ts'
import type { GroupTable } from '../../shards/group-table.ts'
import { dropGone, type Shard } from '../../shards/shard.ts'
import type { Item } from '../../store.ts'
import { layoutOf } from '../evolution/kept-layout.ts'
import type { Invocation } from '../invocation.ts'
import { isOverLimits } from './compaction-limits.ts'
import { causeOf, write } from './conditional-write.ts'
import { leave, type NewSegments, putSegments } from './segments.ts'

export type Appended =
  /** `isCompacted`: the log is one snapshot now. */
  | { readonly kind: 'ok'; readonly isCompacted: boolean }
  /** Not written, or not surely: LOAD, and think again. What was folded is taken back in the copy at hand. */
  | { readonly kind: 'again'; readonly found: Item | null | undefined; readonly cause: unknown }

/**
 * @param mayCompact whether it may be a compaction as well, which takes longer: whoever meets others would lose to them
 * @throws MicrobatchError STATE_TOO_LARGE
 */
export async function append(
  invocation: Invocation,
  shard: Shard,
  change: Partial<Head>,
  changed: readonly GroupImage[],
  mayCompact = false,
): Promise<Appended> {
  const { container, store, query } = invocation
  const { pk, groups } = shard
  const seq = shard.head.seq + 1
  let written: Awaited<ReturnType<typeof write>>
  let log: Placed
  const next = { ...shard.head, ...change, seq, evolution: layoutOf(query).evolution }
  const rev = container.newToken()
  try {
    query.chain?.settle()
    const { text, ends } = linesOf(invocation, groups, changed, seq)
    log = await placed(invocation, shard, text, seq, mayCompact)
    written = log.failed ?? (await write(store, headItem(pk, { ...next, ...log.fields }, rev), shard.head.rev))
    if (written.kind === 'ok') {
      shard.head = { ...next, ...log.fields, rev }
      shard.merged = new Set(shard.head.segments.map(({ sk }) => sk))
      groups.confirm(changed, text, ends, seq)
      dropGone(shard, query, container.rules)
    }
    // Before, the head that stands there names them.
    if (container.rules.isReplaced(written.kind)) leave(shard, log.replaced ?? [])
    if (written.kind === 'ok') return { kind: 'ok', isCompacted: log.replaced !== undefined }
  } catch (error) {
    for (const image of changed) groups.restore(image)
    throw error
  }
  for (const image of changed) groups.restore(image)
  if (written.kind === 'unclear') shard.mayHaveOrphans = true
  if (log.own.length > 0 && container.rules.mayTakeBack(written.kind)) await store.exchange([], log.own)
  return { kind: 'again', found: written.found, cause: causeOf(written) }
}

/** One for all appends: none waits for anything while it writes. */
const out = new TextWriter()

/** The images as lines; `ends[i]` is where that of `changed[i]` ends. */
function linesOf({ query }: Invocation, groups: GroupTable, changed: readonly GroupImage[], version: number) {
  const { operator, chain } = query
  const layout = layoutOf(query)
  const ends: number[] = []
  out.clear()
  for (const image of changed) {
    const { endMs, lookup, last } = image
    const isGroup = isGroupEnd(endMs)
    writeImageStart({ endMs, version, last, key: isGroup ? groups.keyOf(image) : String(lookup) }, out)
    if (image.acc !== gone) {
      const acc = groups.accOf(image)
      const slot = endMs === entryLane ? slotOf(String(lookup)) : null
      if (slot === null) operator.write(acc, out, layout.groups)
      else chain?.write(slot, acc, out, layout.operators[slot])
    }
    out.text('\n')
    ends.push(out.length)
  }
  return { text: out.finish(), ends }
}

interface Placed extends Omit<NewSegments, 'segments'> {
  readonly fields: Partial<Pick<Head, 'segments' | 'tail' | 'epoch'>>
  /** What a snapshot takes the place of. */
  readonly replaced?: Head['segments']
}

/** Where the changed lines go: nowhere, into the head's tail, with the tail into new segments, or into a snapshot. */
async function placed(
  invocation: Invocation,
  shard: Shard,
  lines: string,
  seq: number,
  mayCompact: boolean,
): Promise<Placed> {
  if (lines === '') return { fields: {}, own: [] }
  const { head } = shard
  const { maxTailBytes, pieceLength } = invocation.container
  const taken = head.tail.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const fits = ({ bytes }: Packed): boolean => taken + bytes.byteLength <= maxTailBytes
  const packed = lines.length > hopelessRatio * maxTailBytes ? null : pack(lines)
  if (packed !== null && fits(packed)) return { fields: { tail: [...head.tail, packed.bytes] }, own: [] }
  const pieces =
    head.tail.length === 0 && packed !== null && fitsItem(packed)
      ? [packed]
      : packLines(tailLines(head) + lines, pieceLength)
  if (mayCompact && head.segments.length > 0 && isOverLimits(invocation.container, shard, pieces))
    return compacted(invocation, shard, lines)
  const { segments, ...outcome } = await putSegments(invocation, shard, 'seg', seq, pieces)
  return { fields: { segments: [...head.segments, ...segments], tail: [] }, ...outcome }
}

/** All groups in a snapshot, and nothing beside it: the head is written on condition that it is still the one at hand. */
async function compacted(invocation: Invocation, shard: Shard, lines: string): Promise<Placed> {
  const { pieceLength, rules } = invocation.container
  const { head } = shard
  const texts = rules.snapshotOf(unchangedLines(shard.groups, pieceLength), lines)
  const pieces = texts.flatMap((text) => packLines(text, pieceLength))
  const { segments, ...outcome } = await putSegments(invocation, shard, 'snap', head.epoch + 1, pieces)
  return { fields: rules.compactedHead(head, segments), ...outcome, replaced: head.segments }
}

/** The confirmed lines of the groups that no batch has changed since, in texts of this length or one line more. */
function unchangedLines(groups: GroupTable, textLength: number): readonly string[] {
  const texts: string[] = []
  out.clear()
  for (const { text, from, to, changedBy } of groups.all()) {
    if (text === null || changedBy !== null) continue
    out.text(text.slice(from, to))
    if (out.length >= textLength) texts.push(out.finish())
  }
  if (out.length > 0) texts.push(out.finish())
  return texts
}

/** Groups compress to a fifth or so: of text that is so many times the room it is not tried. */
const hopelessRatio = 40

const tailLines = ({ tail }: Head): string => tail.map(unpack).join('')
