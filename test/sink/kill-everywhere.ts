// A stream that is killed before and after every single call that it makes, of its state and of its sink: each kill is a run of its
// own, from the first record to the last. What was not done comes again, in the same batch or together with the next, in a new
// container. A keyed reader of the sink must end with the rows of the batch result, every time.
import { expect } from 'vitest'
import {
  count,
  json,
  long,
  max,
  memoryState,
  type Sink,
  type StateStore,
  type StreamingQuery,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'

const Tick = struct({ symbol: string(), price: long(), at: timestamp() })

interface TickRow {
  readonly symbol: string
  readonly price: number
  readonly at: number
}

/** Passes a call through the gate of its run: where the run dies there, it never comes back. */
export type Gate = <T>(call: () => Promise<T>) => Promise<T>

/** A row as somebody reads it from where the sink wrote it. */
export interface ReadRow {
  readonly id: string
  readonly version: number
  /** JSON. */
  readonly text: string
}

export interface Place {
  /** A sink of a new container, whose calls pass the gate. */
  sink(gate: Gate): Sink<object>
  /** All that is there after the last run, in the order of its writing, repeats among it. */
  read(): Promise<readonly ReadRow[]>
}

export type Mode = 'rows' | 'append' | 'update'

export interface Findings {
  readonly runs: number
  /** The rows of the batch result. */
  readonly rows: number
  /** Rows that a reader without keys has twice, in all runs together. */
  readonly repeats: number
}

const symbols = ['AAPL', 'MSFT', 'IBM']
const ticks: readonly TickRow[] = Array.from({ length: 12 }, (_, i) => ({
  symbol: symbols[i % 3] ?? '',
  price: (i * 7) % 5,
  at: i * 4000,
}))
/** One for each partition closes the windows of all others. */
const last: TickRow = { symbol: 'END', price: 0, at: 1_000_000 }
const rows = [...ticks, last, last]
const records = rows.map((tick, i) => ({
  topic: 'ticks',
  partition: i % 2,
  offset: Math.floor(i / 2),
  value: JSON.stringify(tick),
}))
const perBatch = 4

const read = stream('killed').readKafka({ topic: 'ticks' }).decode(json(Tick))
const bars = (from: typeof read) =>
  from
    .withWatermark('at', '2 seconds')
    .groupBy(window('at', '10 seconds'), 'symbol')
    .agg({ ticks: count(), high: max('price') })
const totals = (from: typeof read) => from.groupBy('symbol').agg({ ticks: count(), high: max('price') })

function queryOf(mode: Mode, sink: Sink<object>): StreamingQuery<unknown> {
  if (mode === 'rows') return read.writeStream({ sinks: [sink] })
  if (mode === 'append') return bars(read).writeStream({ outputMode: 'append', sinks: [sink] })
  return totals(read).writeStream({ outputMode: 'update', sinks: [sink] })
}

/** The rows of the batch result, without the window that nothing closes. */
async function expected(mode: Mode): Promise<readonly string[]> {
  if (mode === 'rows') return rows.map((row) => JSON.stringify(row)).sort()
  const result = await (mode === 'append' ? bars : totals)(read).runBatch(rows)
  return result
    .map((row) => JSON.stringify(row))
    .filter((text) => mode === 'update' || !text.includes('END'))
    .sort()
}

/** @param place what the sinks of one run write to */
export async function killEverywhere(mode: Mode, place: (run: number) => Promise<Place>): Promise<Findings> {
  const wanted = await expected(mode)
  const places: Place[] = []
  let wasKilled = true
  for (let run = 0; wasKilled; run += 1) {
    const there = await place(run)
    places.push(there)
    // Each call is one at which it dies twice: before it, and after it, with its answer lost.
    wasKilled = await oneRun(mode, there, { call: Math.floor(run / 2), isDone: run % 2 === 1 })
  }
  let repeats = 0
  for (const [run, there] of places.entries()) {
    const found = await there.read()
    const table = new Map<string, ReadRow>()
    for (const row of found) {
      const kept = table.get(row.id)
      if (kept === undefined || row.version >= kept.version) table.set(row.id, row)
    }
    expect(Array.from(table.values(), ({ text }) => text).sort(), `run ${run}`).toEqual(wanted)
    repeats += found.length - new Set(found.map(({ id, version }) => `${id} ${version}`)).size
  }
  return { runs: places.length, rows: wanted.length, repeats }
}

interface Kill {
  readonly call: number
  /** Whether the call was carried out before the container died. */
  readonly isDone: boolean
}

async function oneRun(mode: Mode, place: Place, kill: Kill): Promise<boolean> {
  const state = memoryState()
  let calls = 0
  let wasKilled = false
  let die: () => void = () => undefined
  const container = () => {
    let isDead = false
    // Whatever a dead container still had in hand stops at its next call.
    const gate: Gate = async (call) => {
      if (isDead) return never()
      if (calls++ !== kill.call) return call()
      isDead = true
      wasKilled = true
      if (kill.isDone) await call()
      die()
      return never()
    }
    return testDriver(queryOf(mode, place.sink(gate)), { state: gated(state, gate), partitions: 2 })
  }
  let driver = container()
  let from = 0
  let isTogether = false
  while (from < records.length) {
    const to = Math.min(records.length, from + (isTogether ? 2 : 1) * perBatch)
    isTogether = false
    const died = new Promise<'died'>((resolve) => {
      die = () => resolve('died')
    })
    const end = await Promise.race([driver.addRecords(records.slice(from, to)).then(() => 'done' as const), died])
    if (end === 'done') from = to
    else {
      driver = container()
      // What comes again is cut otherwise after every other kill, as after a restart of the mapping.
      isTogether = kill.call % 2 === 1
    }
  }
  const closing = driver.close()
  // A container that dies at its end has done all of its work.
  await Promise.race([closing, new Promise((resolve) => (die = () => resolve(undefined)))])
  return wasKilled
}

const never = (): Promise<never> => new Promise(() => undefined)

const gated = (store: StateStore, gate: Gate): StateStore => ({
  ...store,
  get: (key) => gate(() => store.get(key)),
  put: (item, rev) => gate(() => store.put(item, rev)),
  exchange: (added, removed) => gate(() => store.exchange(added, removed)),
})

/** A row as sinks write it, without what they add to it. */
export function readRow(text: string): ReadRow {
  const { _id: id, _version: version = 0, ...row } = JSON.parse(text)
  return { id: String(id), version: Number(version), text: JSON.stringify(row) }
}
