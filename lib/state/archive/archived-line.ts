// One line of the log as JSON for an archive, and back, to the letter: what is canonical JSON stands in it as JSON, for people and
// programs to read, anything else as a text.

import * as z from 'zod/mini'
import { MicrobatchError } from '../../error.ts'
import { endText, entryLane, isGroupEnd, owedLane } from '../items/lane.ts'
import { type ImageFields, parseImageLine } from '../items/segment.ts'
import { keyOf, slotOf } from '../shards/due-times.ts'

const fields = z.strictObject({
  /** When a group ends, epoch milliseconds; null where it never does. */
  end: z.optional(z.nullable(z.number())),
  /** Left out for a group: an entry is what the operator of a slot keeps by a key, `owed` rows that a batch owes. */
  lane: z.optional(z.enum(['entry', 'owed'])),
  slot: z.optional(z.number()),
  key: z.optional(z.unknown()),
  keyText: z.optional(z.string()),
  acc: z.optional(z.unknown()),
  accText: z.optional(z.string()),
  version: z.number(),
  last: z.array(z.union([z.string(), z.number()])),
})

/**
 * @param line of the log, without its line break
 * @example archivedLine('15000\t3\t\t["AAPL"]\t[1,2]') // '{"end":15000,"key":["AAPL"],"acc":[1,2],"version":3,"last":[]}'
 */
export function archivedLine(line: string): string {
  const { endMs, version, last, key, acc } = parseImageLine(line)
  return `{${placeOf(endMs, key)},${jsonOrText('acc', acc)},"version":${version},"last":${JSON.stringify(last)}}`
}

function placeOf(endMs: number, key: string): string {
  if (endMs === entryLane) return `"lane":"entry","slot":${slotOf(key)},${jsonOrText('key', keyOf(key))}`
  if (endMs === owedLane) return `"lane":"owed",${jsonOrText('key', key)}`
  return `"end":${Number.isFinite(endMs) ? endMs : null},${jsonOrText('key', key)}`
}

const jsonOrText = (name: string, text: string): string =>
  isCanonical(text) ? `"${name}":${text}` : `"${name}Text":${JSON.stringify(text)}`

/** Whether a JSON parser gives back the same text. */
function isCanonical(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === text
  } catch {
    return false
  }
}

/** The inverse. @throws MicrobatchError ARCHIVE_INVALID */
export function loggedLine(json: unknown): string {
  const parsed = fields.safeParse(json)
  if (!parsed.success) throw new MicrobatchError('ARCHIVE_INVALID', 'it is no group, and nothing else that is kept')
  const { end, lane, slot, version, last, ...texts } = parsed.data
  const key = texts.keyText ?? JSON.stringify(texts.key)
  const acc = texts.accText ?? JSON.stringify(texts.acc)
  const [endMs, whole] =
    lane === 'entry' ? [entryLane, `${slot}:${key}`] : lane === 'owed' ? [owedLane, key] : [end ?? never, key]
  if (key === undefined || acc === undefined) throw new MicrobatchError('ARCHIVE_INVALID', 'it has no key, or no value')
  return `${endText(endMs)}\t${version}\t${last.length === 0 ? '' : JSON.stringify(last)}\t${whole}\t${acc}`
}

const never = Number.POSITIVE_INFINITY

/** What kind of thing a line stands for. */
export type LineKind = 'group' | 'entry' | 'owed'

export const kindOf = ({ endMs }: Pick<ImageFields, 'endMs'>): LineKind =>
  isGroupEnd(endMs) ? 'group' : endMs === entryLane ? 'entry' : 'owed'
