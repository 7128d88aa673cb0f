// Stateful operators that rows go through before they are grouped, or instead: a state machine in each shard, driven by the rows
// in the order of the log and by the bound that event time has reached. One append holds all that a batch changed in it, and the
// rows that came of it until those are surely out, so a machine is never asked twice about the same row, and its functions need not
// give the same answer twice.

import type { TextWriter } from '../../../text-writer.ts'
import type { GroupName } from '../../items/names.ts'
import type { PartLayouts } from '../evolution/kept-parts.ts'
import type { GroupOperator, RowPlace } from './group-operator.ts'
import type { RowBlocks, RowName } from './row-block.ts'

/** Takes a row on its way out. */
export type Emit<Row> = (row: Row, id: RowName) => void

/** An entry of an operator, which is read and changed in one turn alone. The parameters are those of ChainTurn. */
export interface ChainEntry {
  get(): unknown
  set(value: unknown, dueMs?: number, isCounted?: boolean): void
  delete(isCounted?: boolean): void
}

/** What operators read and change in one turn; none of it counts before it is written. A slot is an operator's number. */
export interface ChainTurn {
  /** The event time that has been reached: rows that end by then are late. */
  readonly boundMs: number
  /** Undefined where an operator keeps nothing by this key. */
  get(slot: number, key: string): unknown
  /**
   * Keeps a value by a key; one that was changed in place is set again.
   * @param dueMs when `takeDue` gives it: an event time, or whatever the operator takes for one. Default: never
   * @param isCounted false where the operator counts by itself what it has updated and removed. Default: true
   */
  set(slot: number, key: string, value: unknown, dueMs?: number, isCounted?: boolean): void
  /** The entry of a key, also where there is none yet. Nothing else changes it in the turn. */
  entry(slot: number, key: string): ChainEntry
  /** Keeps another value by a key, due when the one before was. It counts as no update. */
  replace(slot: number, key: string, value: unknown): void
  /** @param isCounted whether it counts as a removal. Default: true */
  delete(slot: number, key: string, isCounted?: boolean): void
  /** The entries of an operator that are due by then, soonest first; each is to be set anew or deleted. */
  takeDue(slot: number, byMs: number): Iterable<readonly [key: string, value: unknown]>
  /** The entries of an operator whose keys begin with a name and the mark of families (due-times.ts). */
  family(slot: number, name: string): Iterable<unknown>
  entries(slot: number): Iterable<readonly [key: string, value: unknown]>
  /** Adds to a metric of an operator. @example turn.count(0, 'numDroppedDuplicateRows') */
  count(slot: number, metric: string, by?: number): void
  /** Counts entries as updated, of an operator that counts by itself; less than none where some were counted before. */
  countUpdated(slot: number, by?: number): void
  /** Counts entries as removed that others took up. */
  countRemoved(slot: number, by?: number): void
}

export interface OperatorChain<Row> {
  /** How many operators there are: their entries have the slots from 0 up. */
  readonly size: number
  /** Which shard a row belongs to, by its key. */
  readonly routing: Pick<GroupOperator<Row, unknown>, 'groupsOf' | 'keyText'>
  /** Whether rows come of time alone. */
  readonly isTimed: boolean
  /** What a row misses that came when event time had reached `boundMs`; null where it is not late. */
  lateFor(row: Row, tp: string, boundMs: number): GroupName | null
  /** Takes a row that is not late. */
  apply(row: Row, at: RowPlace, turn: ChainTurn, emit: Emit<Row>): void
  /** Event time has reached `boundMs`, once for each bound. @param nowMs processing time; left out, that of the last turn */
  advance(boundMs: number, turn: ChainTurn, emit: Emit<Row>, nowMs?: number): void
  /**
   * A batch has come; processing time, epoch milliseconds. Before its rows.
   * @param boundMs how far event time had come; left out, nowhere
   */
  tick(nowMs: number, turn: ChainTurn, emit: Emit<Row>, boundMs?: number): void
  /** The whole table of the last operator, in complete mode. @param key of its entries: then only what it has by that */
  table(turn: ChainTurn, emit: Emit<Row>, key?: string): void
  /** Asked before what a turn has changed is written. @throws where rows are to be set aside first */
  settle(): void
  /** What an operator keeps, as one line of text without tabs, as JSON is, and back. */
  write(slot: number, value: unknown, out: TextWriter, layouts?: PartLayouts): void
  decode(slot: number, encoded: string, layouts?: PartLayouts): unknown
  /** How the rows that go out are kept. */
  readonly blocks: RowBlocks<Row>
}

/** What an operator did in a batch. */
export interface OperatorCount {
  /** Entries that were written, each once; that were taken out; that there are. */
  readonly updated: number
  readonly removed: number
  readonly total: number
  /** Named by the operator, as Spark's custom metrics are. */
  readonly custom: ReadonlyMap<string, number>
}
