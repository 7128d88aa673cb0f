// A table that a stream is joined with: rows of a file, of a DynamoDB table, of a function. What is not at hand is loaded between two
// reads of a batch (lookup-reads.ts), so the rows of a batch never wait for each other.

import { delayMs } from '../../aggregate/duration.ts'
import type { Column, Schema } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { PlanRow } from '../plan/plan.ts'
import { KeyedAnswers } from './keyed-answers.ts'
import type { LookupAnswers } from './lookup-answers.ts'
import { heldRows } from './lookup-rows.ts'
import { WholeAnswers } from './whole-answers.ts'

/** A static side for `join`. */
export interface Lookup<Row extends object> {
  readonly columns: ReadonlyMap<string, Column<unknown>>
  /** The columns that its rows are found by; null where any will do, as all rows are there. */
  readonly key: readonly string[] | null
  readonly answers: LookupAnswers
  /** The type of its rows; in the types only. */
  readonly '~row'?: Row
}

/** How old answers may be, and how many are kept. */
export interface LookupCacheOptions {
  /**
   * How old an answer may be, as a Spark interval: that there is no row of a key is an answer, too.
   * @example '5 minutes'
   */
  readonly maxAge: string
  /** Keys that are kept in a container; the ones that were asked for longest ago go first. @default 10,000 */
  readonly maxEntries?: number
}

const defaultMaxEntries = 10_000

/**
 * A static side whose rows a function finds by their key, or, without `key`, gives all together. It is asked once for all keys of a
 * batch that are not in the container's cache. Where it rejects, or gives a row that is none of the schema, the batch fails and comes
 * again (PREPARE_FAILED).
 *
 * @param options.load the rows of some keys, in any order, each as an object of the key's columns; a key may have several rows, or none
 * @throws MicrobatchError QUERY_INVALID for a key that the schema does not have, or a bad interval
 * @example
 * const companies = lookup({ schema: Company, key: ['symbol'], load: (keys) => fetchCompanies(keys), maxAge: '5 minutes' })
 * ticks.join(companies, { on: ['symbol'], type: 'left' })
 */
export function lookup<Row extends object, const Key extends readonly (keyof Row & string)[]>(
  options: LookupCacheOptions & {
    readonly schema: Schema<Row>
    readonly key: Key
    readonly load: (keys: readonly Pick<Row, Key[number]>[]) => Promise<readonly Row[]> | readonly Row[]
  },
): Lookup<Row>
export function lookup<Row extends object>(
  options: Pick<LookupCacheOptions, 'maxAge'> & {
    readonly schema: Schema<Row>
    readonly key?: undefined
    readonly load: () => Promise<readonly Row[]> | readonly Row[]
  },
): Lookup<Row>
export function lookup<Row extends object>({
  schema: { columns },
  key,
  load,
  maxAge,
  maxEntries = defaultMaxEntries,
}: LookupCacheOptions & {
  readonly schema: Schema<Row>
  readonly key?: readonly string[] | undefined
  readonly load: (keys: never) => Promise<readonly Row[]> | readonly Row[]
}): Lookup<Row> {
  const maxAgeMs = delayMs(maxAge)
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1)
    refuse(`lookup: maxEntries is ${maxEntries}; give 1 or more.`)
  const given = async (keys: readonly PlanRow[]): Promise<readonly PlanRow[]> =>
    heldRows(columns, await load(keys as never), 'the lookup')
  if (key === undefined) return { columns, key: null, answers: new WholeAnswers(columns, () => given([]), maxAgeMs) }
  const unknown = key.find((name) => !columns.has(name))
  if (unknown !== undefined || key.length === 0) {
    refuse(
      `lookup: ${unknown === undefined ? 'the key has no columns' : `the schema has no column \`${unknown}\`, which is a part of the key`}.`,
    )
  }
  return { columns, key, answers: new KeyedAnswers(given, { columns, key, maxAgeMs, maxEntries }) }
}

/**
 * A static side whose rows are in code: for tests, and for tables that seldom change.
 * @throws MicrobatchError QUERY_INVALID for a row that is none of the schema
 * @example ticks.join(staticRows(Company, [{ symbol: 'AAPL', name: 'Apple' }]), { on: ['symbol'] })
 */
export function staticRows<Row extends object>(schema: Schema<Row>, rows: readonly Row[]): Lookup<Row> {
  const held = heldRows(schema.columns, rows, 'staticRows')
  return { columns: schema.columns, key: null, answers: new WholeAnswers(schema.columns, held) }
}
