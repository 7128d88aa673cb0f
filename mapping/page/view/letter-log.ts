// Records that were set aside: dead letters of the queries, as the functions print them, and what the mapping itself gave up. The last
// ones, with their bytes where the payload they came in is still kept.

import type { MappingEvent } from '../../events/mapping-event.ts'
import type { RecordList } from '../../events/record-list.ts'
import type { LetterRecord, LetterState } from './state.ts'

/** A dead letter as the line of its function names it. */
export interface DeadLetterLine {
  readonly query: string | null
  readonly reason: string
  readonly detail: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** @returns undefined for a line that is none @example deadLetterLine('{"level":"WARN","message":"dead letter",…}')?.reason // 'NOT_JSON' */
export function deadLetterLine(line: string): DeadLetterLine | undefined {
  if (!line.startsWith('{') || !line.includes('"dead letter"')) return undefined
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const field = (name: string): unknown => Reflect.get(value, name)
  const [topic, partition, offset, reason] = [field('topic'), field('partition'), field('offset'), field('reason')]
  if (field('message') !== 'dead letter' || typeof topic !== 'string' || typeof reason !== 'string') return undefined
  if (typeof partition !== 'number' || typeof offset !== 'number') return undefined
  const [query, detail] = [field('query'), field('detail')]
  return {
    ...{ topic, partition, offset },
    query: typeof query === 'string' ? query.slice(0, 200) : null,
    reason: reason.slice(0, 100),
    detail: typeof detail === 'string' ? detail.slice(0, 2_000) : '',
  }
}

export interface LetterLog {
  readonly deadLetter: (mappingId: string, letter: DeadLetterLine, record: LetterRecord | null, nowMs: number) => void
  /** Takes what the mapping gave up; other events are none of its business. */
  readonly gaveUp: (mappingId: string, event: MappingEvent, nowMs: number) => void
  readonly all: () => readonly LetterState[]
  readonly changed: () => readonly LetterState[]
}

const maxLetters = 100

/** @example const letters = letterLog(); letters.deadLetter('0', line, record, Date.now()) */
export function letterLog(): LetterLog {
  let letters: readonly LetterState[] = []
  let fresh: readonly LetterState[] = []
  let lastId = 0
  const reasons = new Map<string, string>()

  function add(letter: Omit<LetterState, 'id'>): void {
    lastId += 1
    const given = { id: lastId, ...letter }
    letters = [...letters, given].slice(-maxLetters)
    fresh = [...fresh, given].slice(-maxLetters)
  }

  /** Said before the records are given up, by an event of its own. */
  function explain(records: RecordList, why: string): void {
    reasons.set(placeText(records), why)
    for (const oldest of reasons.keys()) {
      if (reasons.size <= maxLetters) break
      reasons.delete(oldest)
    }
  }

  return {
    deadLetter: (mappingId, { query, reason, detail, topic, partition, offset }, record, at) => {
      const place = partition < 0 ? topic : `${topic}-${partition} offset ${offset}`
      add({ mappingId, at, kind: 'dead letter', query, reason, detail, place, records: 1, record })
    },
    gaveUp: (mappingId, event, at) => {
      switch (event.kind) {
        case 'recordTooLarge':
          return explain(event.records, `${event.bytes} bytes do not fit a payload of ${event.maxBytes}.`)
        case 'recordBatchTooLarge':
          return explain(event.records, `A compressed batch expands to more than ${event.maxBytes} bytes.`)
        case 'recordRefused':
        case 'expired':
          return explain(event.records, event.message)
        case 'discarded': {
          const { condition: reason, records, mapping } = event
          const why = reasons.get(placeText(records))
          reasons.delete(placeText(records))
          const detail = [why, whereTo(event)].filter((text) => text !== undefined).join(' ')
          const place = placesOf(mapping.topic, records)
          const { count } = records
          add({ mappingId, at, kind: 'discarded', query: null, reason, detail, place, records: count, record: null })
          return
        }
        default:
      }
    },
    all: () => letters,
    changed: () => {
      const given = fresh
      fresh = []
      return given
    },
  }
}

type Discarded = Extract<MappingEvent, { readonly kind: 'discarded' }>

function whereTo({ destination, droppedCount, error }: Discarded): string {
  if (droppedCount === 0) return `Sent to ${destination}.`
  if (destination === undefined) return 'Dropped: there is no on-failure destination.'
  return `Dropped: ${destination} did not take it (${error}).`
}

const placeText = ({ spans }: RecordList): string =>
  spans.map(({ partition, first, last }) => `${partition}:${first}-${last}`).join()

const placesOf = (topic: string, { spans }: RecordList): string =>
  spans
    .map(({ partition, first, last }) => {
      const offsets = first === last ? `offset ${first}` : `offsets ${first} to ${last}`
      return `${topic}-${partition} ${offsets}`
    })
    .join(', ')
    .slice(0, 500)
