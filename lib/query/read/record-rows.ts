// What comes of one record that can be several rows, before any of it counts, and of all the records of a batch. A record that is
// too many rows, or has too many bad ones, counts as a whole: one dead letter.

import type { Malformed } from '../../decode/codec.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import { type Coordinates, coordinatesOf, type LocatedRow, RowInPlace } from '../../event/located-row.ts'
import type { DeadLetter } from '../../sink/dead-letter.ts'
import { Refusal } from '../held/refusal.ts'
import { maxRowsOfRecord, tooManyRows } from '../operators/row-generators.ts'
import type { PlanRow } from '../plan/plan.ts'
import { EventTimes } from './event-times.ts'
import type { LetterMaker } from './letter-maker.ts'
import type { ReadRows } from './read-rows.ts'
import { rowRecord } from './row-record.ts'

/** More dead letters of one record, each some hundred bytes, would be many times its size. */
const maxBadRows = 1_000

interface BadRow {
  readonly why: Malformed | Refusal
  /** Null where it is the record that is bad. */
  readonly index: number | null
  /** The value of its letter. */
  readonly value: Buffer | null
}

export class RecordRows {
  readonly at: Coordinates
  readonly rows: LocatedRow<PlanRow>[] = []
  readonly bad: BadRow[] = []
  /** The event times of its rows, where the watermark is defined. */
  readonly times: unknown[] = []
  missing = 0
  numDropped = 0
  readonly #areParts: boolean
  /** How many rows there are, good ones and bad ones and those that were left out: each has a number. */
  #count = 0

  /** @param areParts whether its rows are parts of a record before any generator makes some of them */
  constructor(at: Coordinates, areParts: boolean) {
    this.at = at
    this.#areParts = areParts
  }

  /** @returns why the record is bad as a whole, or null */
  get excess(): Refusal | null {
    if (this.#count > maxRowsOfRecord) return new Refusal('TOO_MANY_ROWS', tooManyRows)
    const [first] = this.bad
    if (first === undefined || this.bad.length <= maxBadRows) return null
    const { reason, detail } = first.why
    return new Refusal(
      'TOO_MANY_BAD_ROWS',
      `more than ${maxBadRows} rows of one record, the first: ${reason} (${detail})`,
    )
  }

  /** An element that the policy `drop` leaves out. */
  drop(): void {
    this.numDropped += 1
    this.#count += 1
  }

  /**
   * Takes a row; `undefined` for one that an operator left out.
   * @param from the row that a generator made, which it came of; null where there is none
   * @param bytes of the part of the record that it came of
   * @returns whether there is room for more
   */
  take(row: PlanRow | Refusal | undefined, from: PlanRow | null, bytes: Buffer | null): boolean {
    if (row instanceof Refusal) return this.refuse(row, from, bytes)
    const index = this.#count
    this.#count += 1
    const isPart = this.#areParts || from !== null
    if (row !== undefined) this.rows.push(new RowInPlace(row, isPart ? coordinatesOf(this.at, index) : this.at))
    return this.excess === null
  }

  /** The same for one that is bad. */
  refuse(why: Malformed | Refusal, from: PlanRow | null, bytes: Buffer | null): boolean {
    const index = this.#areParts || from !== null ? this.#count : null
    this.#count += 1
    this.bad.push({ why, index, value: from === null ? bytes : rowRecord(from, this.at).value })
    return this.excess === null
  }
}

export class BatchRows implements ReadRows {
  readonly rows: LocatedRow<PlanRow>[] = []
  readonly eventTimes = new EventTimes()
  readonly deadLetters: DeadLetter[] = []
  numDropped = 0
  readonly #letterOf: LetterMaker

  constructor(letterOf: LetterMaker) {
    this.#letterOf = letterOf
  }

  /** A record that is bad as a whole. @throws MicrobatchError as the query asks for */
  refuse(record: KafkaRow, why: Malformed | Refusal): void {
    this.deadLetters.push(this.#letterOf(record, why))
  }

  /** All that came of a record. @throws MicrobatchError as the query asks for */
  add(found: RecordRows, record: KafkaRow): void {
    const { excess, at } = found
    if (excess !== null) {
      this.refuse(record, excess)
      return
    }
    for (const { why, index, value } of found.bad) {
      this.deadLetters.push(this.#letterOf(index === null ? record : { ...record, value, index }, why))
    }
    for (const row of found.rows) this.rows.push(row)
    for (const time of found.times) this.eventTimes.add(at, time)
    this.eventTimes.missing += found.missing
    this.numDropped += found.numDropped
  }
}
