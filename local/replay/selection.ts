// Which part of a source is replayed: functions, partitions, keys, and up to when. Pure.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { parseTime } from '../kafka/offset-range.ts'
import { type ReplayedBatch, recordLists } from './replayed-batch.ts'

export interface Selection {
  /** Functions by their keys; none given, all. */
  readonly functions: ReadonlySet<string>
  readonly partitions: readonly { readonly first: number; readonly last: number }[]
  /** Keys of records as base64. */
  readonly keys: ReadonlySet<string>
  readonly until: Until | undefined
}

export type Until =
  /** Batches that began later are left out. Epoch milliseconds. */
  | { readonly kind: 'time'; readonly epochMs: number }
  /** So many batches. */
  | { readonly kind: 'batches'; readonly count: number }

const takes = '--only takes partition:0, partition:0-3, key:TEXT or query:NAME'

/**
 * @param only `partition:0-3`, `key:AAPL`, `query:bars`; several of a kind add up
 * @throws LocalError COMMAND_INVALID saying what they take
 * @example parseSelection({ only: ['key:AAPL'], functions: [], until: undefined }).keys // Set { 'QUFQTA==' }
 */
export function parseSelection(given: {
  readonly only: readonly string[]
  readonly functions: readonly string[]
  readonly until: string | undefined
}): Selection {
  const functions = new Set(given.functions)
  const partitions: { first: number; last: number }[] = []
  const keys = new Set<string>()
  for (const text of given.only) {
    const [, kind, value = ''] = /^(partition|key|query):(.+)$/s.exec(text) ?? []
    const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(value) ?? []
    if (kind === 'query') functions.add(value)
    else if (kind === 'key') keys.add(Buffer.from(value).toString('base64'))
    else if (kind === 'partition' && first !== undefined && Number(first) <= Number(last)) {
      partitions.push({ first: Number(first), last: Number(last) })
    } else throw new LocalError('COMMAND_INVALID', `${takes}, not ${text}.`)
  }
  return { functions, partitions, keys, until: given.until === undefined ? undefined : parseUntil(given.until) }
}

function parseUntil(text: string): Until {
  const [, count] = /^batch:([1-9]\d{0,14})$/.exec(text) ?? []
  if (count !== undefined) return { kind: 'batches', count: Number(count) }
  const epochMs = parseTime(text)
  if (epochMs !== undefined) return { kind: 'time', epochMs }
  const problem = `--until takes a time (2026-01-05T14:30:00Z or epoch milliseconds) or batch:N, not ${text}.`
  throw new LocalError('COMMAND_INVALID', problem)
}

/** @example for await (const batch of selected(source.batches(), selection)) … */
export async function* selected(
  batches: AsyncIterable<ReplayedBatch>,
  { functions, partitions, keys, until }: Selection,
): AsyncGenerator<ReplayedBatch> {
  let count = 0
  for await (const batch of batches) {
    if (until?.kind === 'time' && batch.atMs > until.epochMs) return
    if (functions.size > 0 && !functions.has(batch.functionKey)) continue
    const left = partitions.length + keys.size === 0 ? batch : withRecords(batch)
    if (left === undefined) continue
    yield left
    count += 1
    if (until?.kind === 'batches' && count >= until.count) return
  }

  function withRecords(batch: ReplayedBatch): ReplayedBatch | undefined {
    const lists = recordLists(batch.event).flatMap(([name, list]) => {
      const partition = Number(name.slice(name.lastIndexOf('-') + 1))
      if (partitions.length > 0 && !partitions.some(({ first, last }) => partition >= first && partition <= last))
        return []
      const kept =
        keys.size === 0 ? list : list.filter((record) => keys.has(String(Reflect.get(Object(record), 'key'))))
      return kept.length === 0 ? [] : [[name, kept] as const]
    })
    return lists.length === 0 ? undefined : { ...batch, event: { ...batch.event, records: Object.fromEntries(lists) } }
  }
}
