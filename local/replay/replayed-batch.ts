// One invocation that is made again: the event, whose function's it is, and where it comes from. Pure.

export interface ReplayedBatch {
  /** The function's key in serverless.yml. */
  readonly functionKey: string
  /** When it began, or would have begun on a mapping that kept up; epoch milliseconds. */
  readonly atMs: number
  readonly reason?: 'size' | 'window' | 'payload' | undefined
  /** Where it stands, for people: `line 17`. */
  readonly where: string
  readonly event: object
}

/** Something that is replayed, batch by batch, in order. */
export interface ReplaySource {
  /** For messages: `ticks.ndjson`. */
  readonly name: string
  readonly batches: () => AsyncIterable<ReplayedBatch>
  /** How much of it is read, from 0 to 1. */
  readonly fraction: () => number
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** The records of an event, by `topic-partition`, as they came. */
export function recordLists(event: object): readonly (readonly [string, readonly unknown[]])[] {
  const records: unknown = Reflect.get(event, 'records')
  if (typeof records !== 'object' || records === null) return []
  return Object.entries(records).flatMap(([key, list]: [string, unknown]) =>
    isList(list) ? [[key, list] as const] : [],
  )
}

/** @example recordCount(event) // 15 */
export const recordCount = (event: object): number => recordLists(event).reduce((sum, [, list]) => sum + list.length, 0)

/** The offsets of an event, as the mapping's lines have them. @example placesOf(event) // 'stock-ticks 0:15-17 1:4' */
export function placesOf(event: object): string {
  const texts = new Map<string, string[]>()
  for (const [key, list] of recordLists(event)) {
    const split = key.lastIndexOf('-')
    const [first, last] = [offsetOf(list[0]), offsetOf(list.at(-1))]
    const spans = texts.get(key.slice(0, split)) ?? []
    spans.push(`${key.slice(split + 1)}:${first === last ? first : `${first}-${last}`}`)
    texts.set(key.slice(0, split), spans)
  }
  return [...texts].map(([topic, spans]) => `${topic} ${spans.join(' ')}`).join(', ')
}

const offsetOf = (record: unknown): string =>
  typeof record === 'object' && record !== null ? String(Reflect.get(record, 'offset')) : '?'
