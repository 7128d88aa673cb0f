// What a stateful operator of a chain is to the others: rows and the watermark come in, rows go out, and what it keeps lies by its
// keys in a slot of its own. An operator runs in the order of the shard's log and may change what it keeps as it likes; a batch
// that is not written leaves no trace.

import { type Coordinates, type LocatedRow, rowId } from '../../event/located-row.ts'
import type { GroupName } from '../../state/items/names.ts'
import type { KeptForm, PartLayouts } from '../../state/protocol/evolution/kept-parts.ts'
import type { TextWriter } from '../../text-writer.ts'
import type { Refusal } from '../held/refusal.ts'
import type { PlanRow } from '../plan/plan.ts'

/** A row with its place; what an operator made of several has the place of the one that brought it about. */
export interface Located extends LocatedRow<PlanRow> {
  /** A row that an operator made has one; any other goes by its place. */
  readonly id?: string
}

/** What tells a row from every other that its operator takes: the same in every attempt. */
export const idOf = ({ id, at }: Located): string => id ?? rowId(at)

/**
 * Takes a row on its way out, or why there is none.
 * @param id tells it from every other row that the operator ever gives: the same for the same row in every attempt. Null for one
 *   that its place does: a delivered row that goes through, or one that is numbered among those of its record
 */
export type StageEmit = (row: PlanRow | Refusal, id: string | null, at: Coordinates) => void

/** An entry by itself. */
export interface Entry<Value> {
  get(): Value | undefined
  set(value: Value, dueMs?: number): void
  delete(): void
}

/**
 * What an operator has kept, by its keys: texts without tabs and line breaks, as JSON is. A key that begins with `~` is of an entry
 * that says where others are: progress does not count it among the rows of the state.
 */
export interface Entries<Value> {
  /** The event time that has been reached: rows that end by then are late. */
  readonly boundMs: number
  /** Undefined where nothing is kept. A value that is changed in place is to be set again. */
  get(key: string): Value | undefined
  /** @param dueMs when `takeDue` gives it. Default: never */
  set(key: string, value: Value, dueMs?: number): void
  /** The entry of a key that an operator comes back to in the turn, which then changes it by this alone. */
  entry(key: string): Entry<Value>
  /** Keeps another value by a key, due when the one before was. It counts as no update. */
  replace(key: string, value: Value): void
  /** @param isRemoval whether progress counts it as one. Default: it does */
  delete(key: string, isRemoval?: boolean): void
  /** Those that are due by then, soonest first; each is to be set anew or deleted. */
  takeDue(byMs: number): Iterable<readonly [key: string, value: Value]>
  /** Those whose keys begin with a name and `familyMark`, found without looking at others. */
  family(name: string): Iterable<Value>
  all(): Iterable<readonly [key: string, value: Value]>
  /** Adds to a metric of the operator, which progress shows. @example entries.count('numDroppedDuplicateRows') */
  count(metric: string, by?: number): void
  /** Counts entries as updated, where the operator counts by itself; a negative number takes back what was counted before. */
  countUpdated(by?: number): void
  /** Counts entries as removed that others took up. */
  countRemoved(by?: number): void
}

export interface StageOperator<Value = unknown> {
  /** The name in Spark's progress. */
  readonly name: string
  /** The metrics that it counts, which progress shows also where they are zero. */
  readonly metrics?: readonly string[]
  /** What makes the kept values readable: columns and their types, versions of encodings. Never a function's source. */
  readonly fingerprint: string
  /** The fingerprint as lists of parts that may come and go; left out where a change of it makes another query's state. */
  readonly parts?: KeptForm
  /** Whether rows come of time alone. */
  readonly isTimed: boolean
  /** Whether the operator says by itself, by countUpdated and countRemoved, what it has changed. Left out: each entry counts. */
  readonly countsItself?: boolean
  /** How far behind the watermark its rows may be, milliseconds. */
  readonly lagMs: number
  /** The key of a row, by which it finds its shard. */
  keyOf(row: Located): string
  /** What a row misses that comes when event time has reached `boundMs`; null where it is not late. Asked of the first operator. */
  lateFor(row: Located, boundMs: number): GroupName | null
  apply(row: Located, entries: Entries<Value>, emit: StageEmit): void
  /** Event time has reached `boundMs`; infinite at the end of a batch query. @param nowMs processing time, epoch milliseconds */
  advance(boundMs: number, entries: Entries<Value>, emit: StageEmit, nowMs: number): void
  /** A batch has come: processing time, and how far event time had come, epoch milliseconds; before its rows. */
  tick?(nowMs: number, entries: Entries<Value>, emit: StageEmit, boundMs: number): void
  /** The whole table, for complete mode. @param key as `keyOf` gives it: then only what there is by that */
  table?(entries: Entries<Value>, emit: StageEmit, key?: string): void
  /** A kept value as JSON takes it, and back. @param layouts where its parts lie; left out, as the operator has them */
  encode(value: Value, layouts?: PartLayouts): unknown
  decode(encoded: unknown, layouts?: PartLayouts): Value
  /** In place of those, where it is asked for every row: as one line of text without tabs, and back. */
  readonly text?: {
    write(value: Value, out: TextWriter, layouts?: PartLayouts): void
    read(encoded: string, layouts?: PartLayouts): Value
  }
}
