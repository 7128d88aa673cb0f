// The aggregates of one query made ready to run over its rows: arguments bound to columns once, then folded group by group.
// Accumulators are opaque to the caller and travel as one string. It knows no windows, keys or state, and reads no clock.

import type { Column } from '../decode/schema.ts'
import { MicrobatchError, messageOf, refuse } from '../error.ts'
import { type Coordinates, type LocatedRow, place } from '../event/located-row.ts'
import { TextWriter } from '../text-writer.ts'
import { incompatible, parseList } from '../types/kept-value.ts'
import type { Aggregator } from './aggregator.ts'
import { aggregatorOf, sharesOf } from './bound-aggregate.ts'
import type { Aggregates } from './functions/aggregate.ts'

/** One accumulator per aggregate, in their order. */
export type Accumulators = unknown[]

export interface Aggregation<Row> {
  /** The output columns, in the order of the aggregates. */
  readonly columns: ReadonlyMap<string, Column<unknown>>
  /** By output column: of the aggregate's encoded accumulator. */
  readonly versions: ReadonlyMap<string, number>
  init(): Accumulators
  /** The accumulators with one row added: `fold` for the hot path. @throws MicrobatchError FUNCTION_FAILED as `fold` */
  add(accumulators: Accumulators, row: LocatedRow<Row>): Accumulators
  /**
   * The accumulators with the rows added. Takes over what it is given: go on with what it returns. The order of the rows
   * does not matter; a row given twice counts twice.
   * @throws MicrobatchError FUNCTION_FAILED naming the row where an aggregate, or its function, throws
   */
  fold(accumulators: Accumulators, rows: readonly LocatedRow<Row>[]): Accumulators
  /** The accumulators of all rows of both. Takes over both: go on with what it returns. */
  merge(left: Accumulators, right: Accumulators): Accumulators
  /** The output columns of the group. */
  results(accumulators: Accumulators): Readonly<Record<string, unknown>>
  /** Writes the output columns into a row, which it gives back. */
  fill(row: Record<string, unknown>, accumulators: Accumulators): Readonly<Record<string, unknown>>
  /**
   * Equal for equal rows, whatever their order and splits.
   * @param layout where each accumulator lies among those that are kept; left out, in the order of the aggregates
   */
  encode(accumulators: Accumulators, layout?: Places): string
  /** `encode`, into a text that is under way. */
  write(accumulators: Accumulators, out: TextWriter, layout?: Places): void
  /**
   * An aggregate that was added after this was written is empty.
   * @throws MicrobatchError STATE_INCOMPATIBLE for what these aggregates never gave
   */
  decode(encoded: string, layout?: Places): Accumulators
}

/** The places of accumulators in kept state that versions of a query with other aggregates have written, too. */
export interface Places {
  /** By aggregate. */
  readonly places: readonly number[]
  /** By place: the aggregate that has it; null where none has it any more. */
  readonly owners: readonly (number | null)[]
}

/** It is written where an aggregate was, and no encoded accumulator is like it. */
const emptyPlace = '{}'

type Columns = ReadonlyMap<string, Column<unknown>>

function failure(name: string, at: Coordinates, cause: unknown): unknown {
  if (cause instanceof MicrobatchError) return cause
  const problem = `agg: the aggregate \`${name}\` threw on ${place(at)}: ${messageOf(cause)}`
  return new MicrobatchError('FUNCTION_FAILED', problem, { cause, at })
}

/** Writes an encoded accumulator as JSON. */
function writeOne(aggregator: Aggregator<never, unknown>, accumulator: unknown, out: TextWriter): void {
  if (aggregator.write !== undefined) {
    aggregator.write(accumulator, out)
    return
  }
  const encoded = aggregator.encode(accumulator)
  if (typeof encoded === 'number' && Number.isFinite(encoded)) out.number(encoded)
  else out.text(JSON.stringify(encoded) ?? 'null')
}

const initOf = (aggregator: Aggregator<never, unknown>): unknown => aggregator.init()

/**
 * Binds aggregates to the columns of the rows they will run over.
 *
 * @param columns of the input rows; they say which arguments are `long` or `int`, what a function gives is a double
 * @param hasTopics whether the rows are from several topics
 * @throws MicrobatchError QUERY_INVALID for no aggregate, a name that cannot be a column, a column that is not there, sum
 *   or avg of what is not a number
 * @example
 * const aggregation = compileAggregates<Tick>({ ticks: count(), high: max('price') }, Tick.columns)
 * const accumulators = aggregation.fold(aggregation.init(), [{ row: tick, at: record }])
 * aggregation.results(accumulators) // { ticks: 1, high: 150.5 }
 */
export function compileAggregates<Row>(
  aggregates: Aggregates<Row>,
  columns: Columns,
  hasTopics = false,
): Aggregation<Row> {
  const entries = Object.entries(aggregates)
  if (entries.length === 0) refuse('agg({}): an aggregation needs at least one aggregate.')
  for (const [name] of entries) {
    // A whole number would move before the other columns; `__proto__` is no property when assigned.
    if (name === '' || name === '__proto__' || /^(0|[1-9]\d*)$/.test(name)) {
      refuse(`agg: ${JSON.stringify(name)} cannot name a column. Give it a word.`)
    }
  }
  const shares = sharesOf(aggregates)
  const outputs = entries.map(([name, aggregate]) => ({
    name,
    aggregator: aggregatorOf(aggregate, columns, name, shares, hasTopics),
  }))

  const aggregators = outputs.map(({ aggregator }) => aggregator)
  const add = (accumulators: Accumulators, row: LocatedRow<Row>): Accumulators => {
    let i = 0
    try {
      for (; i < aggregators.length; i += 1) accumulators[i] = aggregators[i]?.add(accumulators[i], row)
    } catch (cause) {
      throw failure(outputs[i]?.name ?? '', row.at, cause)
    }
    return accumulators
  }
  const fill = (row: Record<string, unknown>, accumulators: Accumulators) => {
    let i = 0
    for (const { name, aggregator } of outputs) row[name] = aggregator.result(accumulators[i++])
    return row
  }

  const own: Places = { places: [...aggregators.keys()], owners: [...aggregators.keys()] }
  const write = (accumulators: Accumulators, out: TextWriter, { owners } = own): void => {
    out.text('[')
    for (let place = 0; place < owners.length; place += 1) {
      if (place > 0) out.text(',')
      const i = owners[place] ?? -1
      const aggregator = aggregators[i]
      if (aggregator === undefined) out.text(emptyPlace)
      else writeOne(aggregator, accumulators[i], out)
    }
    out.text(']')
  }

  return {
    columns: new Map(outputs.map(({ name, aggregator }) => [name, aggregator.column])),
    versions: new Map(outputs.map(({ name, aggregator }) => [name, aggregator.version])),
    init: () => aggregators.map(initOf),
    add,
    fold: (accumulators, rows) => rows.reduce(add, accumulators),
    merge: (left, right) => outputs.map(({ aggregator }, i) => aggregator.merge(left[i], right[i])),
    results: (accumulators) => fill({}, accumulators),
    fill,
    encode(accumulators, layout) {
      const out = new TextWriter()
      write(accumulators, out, layout)
      return out.finish()
    },
    write,
    decode(encoded, layout) {
      const parts = parseList(encoded)
      const { places, owners } = layout ?? own
      const isWhole = layout === undefined ? parts.length === owners.length : parts.length <= owners.length
      if (!isWhole) throw incompatible(parts, `${owners.length} accumulators`)
      return aggregators.map((aggregator, i) => {
        const place = places[i] ?? i
        return place < parts.length ? aggregator.decode(parts[place]) : aggregator.init()
      })
    },
  }
}
