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

  function add(letter: Omit<LetterState, 'id'>): void {
    lastId += 1
    const given = { id: lastId, ...letter }
    letters = [...letters, given].slice(-maxLetters)
    fresh = [...fresh, given].slice(-maxLetters)
  }

  return {
    deadLetter: (mappingId, { query, reason, detail, topic, partition, offset }, record, at) => {
      const place = partition < 0 ? topic : `${topic}-${partition} offset ${offset}`
      add({ mappingId, at, kind: 'dead letter', query, reason, detail, place, records: 1, record })
    },
    gaveUp: (mappingId, event, at) => {
      const { topic } = event.mapping
      switch (event.kind) {
        case 'discarded': {
          const { condition: reason, destination, droppedCount, error, records } = event
          const detail =
            droppedCount === 0
              ? `Sent to ${destination}.`
              : destination === undefined
                ? 'Dropped: there is no on-failure destination.'
                : `Dropped: ${destination} did not take it (${error}).`
          add({ ...none, ...placeOf(topic, records), mappingId, at, kind: 'discarded', reason, detail })
          return
        }
        case 'recordTooLarge': {
          const detail = `${event.bytes} bytes do not fit a payload of ${event.maxBytes}.`
          add({
            ...none,
            ...placeOf(topic, event.records),
            mappingId,
            at,
            kind: 'too large',
            reason: 'Too large',
            detail,
          })
          return
        }
        case 'expired':
          add({
            ...{ ...none, ...placeOf(topic, event.records), mappingId, at },
            ...{ kind: 'expired', reason: 'Expired', detail: event.message },
          })
          return
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

const none = { query: null, record: null } as const

const placeOf = (topic: string, { spans, count }: RecordList) => ({
  place: spans
    .map(
      ({ partition, first, last }) =>
        `${topic}-${partition} ${first === last ? `offset ${first}` : `offsets ${first} to ${last}`}`,
    )
    .join(', ')
    .slice(0, 500),
  records: count,
})
