// The reader of a query of several sources: each has a reader of its own, which takes the records of its topics. Their rows lie side
// by side, those of the plan's own source first.

import type { DeadLetter } from '../../sink/dead-letter.ts'
import { ownTopics, sourcesOf } from '../plan/sources.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { EventTimes } from './event-times.ts'
import type { ReadRows, RowReader } from './read-rows.ts'

/** @param readerOf makes the reader of a query of one source */
export function severalSources(query: StreamingQuery, readerOf: (query: StreamingQuery) => RowReader): RowReader {
  const sides = sourcesOf(query.plan).map((plan, i): Side => {
    const joinedAt = i === 0 ? null : (query.plan.others[i - 1]?.joinedAt ?? null)
    return { reader: readerOf({ ...query, plan }), topics: new Set(ownTopics(plan)), joinedAt }
  })
  return {
    async prepare(records) {
      for (const { reader, topics } of sides) await reader.prepare(records.filter(({ topic }) => topics.has(topic)))
    },
    fromRecords: (records, clock) =>
      together(sides, ({ reader, topics }) =>
        reader.fromRecords(
          records.filter(({ topic }) => topics.has(topic)),
          clock,
        ),
      ),
    fromRows: (rows, clock) =>
      together(sides, ({ reader, topics }) =>
        reader.fromRows(
          rows.filter(({ at }) => topics.has(at.topic)),
          clock,
        ),
      ),
  }
}

interface Side {
  readonly reader: RowReader
  readonly topics: ReadonlySet<string>
  readonly joinedAt: number | null
}

function together(sides: readonly Side[], read: (side: Side) => ReadRows): ReadRows {
  const rows: ReadRows['rows'][number][] = []
  const eventTimes = new EventTimes()
  const deadLetters: DeadLetter[] = []
  let numDropped = 0
  for (const side of sides) {
    const { joinedAt } = side
    const own = read(side)
    for (const row of own.rows) rows.push(joinedAt === null ? row : { ...row, joinedAt })
    eventTimes.absorb(own.eventTimes)
    deadLetters.push(...own.deadLetters)
    numDropped += own.numDropped
  }
  return { rows, eventTimes, deadLetters, numDropped }
}
