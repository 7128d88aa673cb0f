// A running query's groups, asked for from anywhere: another function, a tool, a test. The rows are the ones that update mode would
// write; the state is read by the protocol's own rules (lib/state/reader), so an answer holds whole batches and no half ones.

import { MicrobatchError } from '../../error.ts'
import { rowJson } from '../../sink/rows/row-json.ts'
import { inParallel } from '../../state/parallel.ts'
import { type StateLook, StateReader } from '../../state/reader/state-reader.ts'
import { shardOfKey } from '../../state/shards/shard-rows.ts'
import type { StateStore } from '../../state/store.ts'
import { valueText } from '../../types/text/value-text.ts'
import { keyedBy, lastingOf } from '../aggregation/kept-state.ts'
import { Refusal } from '../held/refusal.ts'
import { compileTable } from '../operators/table-operators.ts'
import { outgoing } from '../plan/stages/staged.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { compileKeptTable } from './compile-kept-table.ts'
import { defaultPartition } from './default-partition.ts'
import { asKept } from './kept-query.ts'
import type { AskedKey, FoundGroup } from './kept-table.ts'
import { askedKey, checkRange } from './key-columns.ts'
import type { StateTable, WindowRange } from './state-table.ts'
import { versionOf, wholeVersion } from './state-version.ts'

export interface QueryStateOptions {
  /** Memory for state that stays between questions, bytes, an estimate. @default 256 MB */
  readonly maxStateBytes?: number
  /** For `currentTimestamp()` after the aggregates, epoch milliseconds. @default Date.now */
  readonly now?: () => number
}

const parallelism = 16

/**
 * The groups of a query as a table that is read: those of its last aggregation, or its open sessions. Make it once: it keeps what it
 * has read, and the next question costs two small reads and what is new. It needs the query alone, and learns from the state how it is
 * spread; it writes nothing, so the right to read the table (dynamodb:GetItem) is all that it takes.
 *
 * @throws MicrobatchError CONFIG_INVALID for a query that keeps no groups
 * @example
 * const bars = queryState(barsQuery, dynamoState({ table: 'bars-state' }))
 * const { rows, asOf } = await bars.fetch({ symbol: 'AAPL' })
 */
export function queryState<Row extends object, Key>(
  query: StreamingQuery<Row, unknown, Key>,
  state: StateStore,
  { maxStateBytes, now = Date.now }: QueryStateOptions = {},
): StateTable<Row, Key> {
  const { name, plan } = query
  const table = compileKeptTable(query)
  const lasting = lastingOf(query as StreamingQuery, { partitions: 1, shards: 1 })
  const reader = new StateReader(state, name, (progress) => asKept(progress, lasting), maxStateBytes)
  // An order and a limit are of a table that goes out, and not of a group.
  const finish = compileTable(outgoing(plan).filter(({ kind }) => kind !== 'orderBy' && kind !== 'limit'))
  const json = rowJson(plan.columns, 'millis', 'text')
  const column = keyedBy(query as StreamingQuery)

  return {
    async get(key) {
      const asked = askedKey(name, table, key, true)
      const answer = await reader.ask((look) => find(look, asked))
      return { row: answer?.groups.flatMap(rowsOf)[0], asOf: answer?.asOf ?? null }
    },
    async fetch(key, range = {}) {
      const asked = askedKey(name, table, key, table.window === null)
      checkRange(name, table, range)
      const answer = await reader.ask((look) => find(look, asked))
      const groups = (answer?.groups ?? []).filter(isIn(range))
      return { rows: groups.toSorted(byStart).flatMap(rowsOf), asOf: answer?.asOf ?? null }
    },
    async *all(range = {}) {
      checkRange(name, table, range)
      const look = await reader.look()
      for (let shard = 0; shard < (look?.shards ?? 0); shard += 1) {
        const read = await look?.take(shard, (found) => ({ groups: table.all(found), asOf: versionOf(look, found) }))
        if (read === undefined) return
        for (const group of read.groups.filter(isIn(range))) {
          for (const row of rowsOf(group)) yield { row, asOf: read.asOf }
        }
      }
    },
    toJson: json,
  }

  /** Where the key is in one of several shards, no other is read. */
  async function find(look: StateLook, asked: AskedKey) {
    const looked = []
    for (const shards of placesOf(look.shards, asked)) {
      const read = await inParallel(shards, parallelism, (shard) =>
        look.take(shard, (found) => ({ groups: table.find(found, asked), asOf: versionOf(look, found) })),
      )
      looked.push(...read)
      if (read.some(({ groups }) => groups.length > 0)) break
    }
    return { groups: looked.flatMap(({ groups }) => groups), asOf: wholeVersion(looked.map(({ asOf }) => asOf)) }
  }

  /** The shards that may have a key, the likely ones first. */
  function placesOf(shards: number, asked: AskedKey): readonly (readonly number[])[] {
    const all = Array.from({ length: shards }, (_, shard) => shard)
    if (shards === 1) return [all]
    if (column === null) {
      const route = table.routeOf(asked)
      return [route === null ? all : [shardOfKey(route, shards)]]
    }
    // A shard is a partition, and the producer alone knows by which hash it has chosen it.
    const value = asked.key[column]
    const likely = defaultPartition(String(value), shards)
    return [[likely], all.filter((shard) => shard !== likely)]
  }

  /** The row of a group, or none where a condition after the aggregates leaves it out. */
  function rowsOf(group: FoundGroup): readonly Row[] {
    const row = group.row()
    if (row instanceof Refusal) throw unmade(group, row)
    const finished = finish([{ row }], now(), (_, refusal) => {
      throw unmade(group, refusal)
    })
    return finished.map(({ row }) => row as Row)
  }

  function unmade(group: FoundGroup, { reason, detail, cause }: Refusal): MicrobatchError {
    const own = group.key()
    const key = Array.from(table.columns.keys(), (column) => `${column} ${valueText(own[column])}`).join(', ')
    const problem = `${name}: the row of the group ${key.slice(0, 200)} cannot be made (${reason}): ${detail}`
    return new MicrobatchError('FUNCTION_FAILED', problem, { cause })
  }
}

const isIn =
  ({ from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: WindowRange) =>
  ({ startMs }: FoundGroup): boolean =>
    startMs === null || (startMs >= from && startMs <= to)

const byStart = (left: FoundGroup, right: FoundGroup): number => (left.startMs ?? 0) - (right.startMs ?? 0)
