// Rows that go out, as the log keeps them until they are: a block of them is a column of values each, under the names and types of the
// columns, so that a version of the query with its columns in another order reads what the one before it has given, and so does one
// with fewer columns, or with more where its author said so.

import type { Column } from '../../decode/schema.ts'
import { MicrobatchError } from '../../error.ts'
import { nowhere, RowInPlace } from '../../event/located-row.ts'
import type { GivenRows, RowBlock, RowBlocks } from '../../state/protocol/operators/row-block.ts'
import { decodeList, incompatible } from '../../types/kept-value.ts'
import type { PlanRow } from '../plan/plan.ts'
import { rowCodec } from './kept-row.ts'
import type { Located } from './stage-operator.ts'

/** Characters of a block that has several rows: a third of what a line may take, as each may be three bytes. */
const maxLength = 100_000

/** Rows that are tried for a first block; after it, as many as the one before lets expect. */
const firstCount = 256

/** @param mayLack whether rows that a version before has given may lack a column: it has its default then, or null */
export function rowBlocks(columns: ReadonlyMap<string, Column<unknown>>, mayLack = false): RowBlocks<Located> {
  const fields = Array.from(columns, ([name, { type, defaultValue = null }]) => ({
    name,
    type: type.name,
    domain: type.domain,
    defaultValue,
  }))
  const header = JSON.stringify(fields.map(({ name, type }) => [name, type]))
  const { decode } = rowCodec(columns)

  function textOf({ rows, ids, offsets }: GivenRows<Located>): string {
    const values = fields.map(({ name, domain }) => {
      const column = new Array<unknown>(rows.length)
      for (let i = 0; i < rows.length; i += 1) {
        const value = rows[i]?.row[name] ?? null
        column[i] = value === null ? null : domain.encode(value)
      }
      return JSON.stringify(column)
    })
    const own = ids.some((id) => id !== null) ? `,"ids":${JSON.stringify(ids)}` : ''
    const steps = offsets === null ? '' : `,"offsets":${JSON.stringify(stepsOf(offsets))}`
    return `{"rows":${rows.length}${steps}${own},"columns":${header},"values":[${values.join()}]}`
  }

  return {
    cut(given) {
      const blocks: RowBlock<Located>[] = []
      const { length } = given.rows
      let count = firstCount
      for (let from = 0; from < length; ) {
        const part = slice(given, from, Math.min(from + count, length))
        const text = textOf(part)
        const fitting = Math.max(1, Math.floor((part.rows.length * maxLength * 0.9) / text.length))
        const fits = text.length <= maxLength || part.rows.length === 1
        if (fits) {
          blocks.push({ ...part, text })
          from += part.rows.length
        }
        count = fits ? fitting : Math.min(fitting, part.rows.length >> 1)
      }
      return blocks
    },
    read(text) {
      const encoded = JSON.parse(text)
      // A line of its own for each row: what was kept before rows were kept together.
      if (Array.isArray(encoded)) return { rows: [located(decode(encoded))], ids: null, offsets: null, text: null }
      const count = Number(encoded.rows)
      const values = decodeList(encoded.values)
      const given = decodeList(encoded.columns).map(String)
      const names = new Set(decodeList(encoded.columns).map((column) => decodeList(column)[0]))
      const read = fields.map(({ name, type, domain, defaultValue }) => {
        if (mayLack && !names.has(name)) return { name, domain, column: [], otherwise: defaultValue }
        const at = given.indexOf(`${name},${type}`)
        if (at === -1) throw otherColumns(given, fields)
        const column = decodeList(values[at])
        if (column.length !== count) throw incompatible(encoded.rows, `the number of values of \`${name}\``)
        return { name, domain, column, otherwise: null }
      })
      return {
        rows: Array.from({ length: count }, (_, i) => {
          const row: Record<string, unknown> = {}
          for (const { name, domain, column, otherwise } of read) {
            const value = column[i] ?? null
            row[name] = value === null ? otherwise : domain.decode(value as never)
          }
          return located(row)
        }),
        ids: encoded.ids ?? new Array(count).fill(null),
        offsets: encoded.offsets === undefined ? null : offsetsOf(encoded.offsets),
        text: null,
      }
    },
  }
}

const slice = ({ rows, ids, offsets }: GivenRows<Located>, from: number, to: number): GivenRows<Located> =>
  from === 0 && to === rows.length
    ? { rows, ids, offsets }
    : { rows: rows.slice(from, to), ids: ids.slice(from, to), offsets: offsets?.slice(from, to) ?? null }

/** What lies between the numbers, which is mostly the same. @example stepsOf([40, 41, 41]) // [40, 1, 0] */
const stepsOf = (numbers: readonly number[]): readonly number[] =>
  numbers.map((number, i) => number - (numbers[i - 1] ?? 0))

function offsetsOf(steps: readonly number[]): readonly number[] {
  let offset = 0
  return steps.map((step) => {
    offset += step
    return offset
  })
}

const located = (row: PlanRow): Located => new RowInPlace(row, nowhere)

function otherColumns(
  given: readonly string[],
  fields: readonly { readonly name: string; readonly type: string }[],
): MicrobatchError {
  const before = given.map((column) => column.replace(',', ' ')).join(', ')
  const now = fields.map(({ name, type }) => `${name} ${type}`).join(', ')
  return new MicrobatchError(
    'STATE_INCOMPATIBLE',
    `Rows that are still to go out were given with other columns, by the version of the query before: ${before}; now they are ${now}. ` +
      "Deploy that version until its last batch is through, and then this one; or, where columns are new, say evolve: 'add' in " +
      'writeStream, and they are null in those rows; or start with empty state, locally with --fresh, on AWS ' +
      'under another query name or with resetState.',
  )
}
