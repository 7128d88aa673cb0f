// A stream of 14 records that is killed at one of the calls that it makes, of its state or of its sinks. What was not done comes again in
// a new container, in the same batch or together with the next. It holds the records, the queries and the ways to die; what a sink must
// have in the end is check-sink.ts's.

import { setImmediate } from 'node:timers/promises'
import { count, max } from '../aggregate/functions/built-in.ts'
import { window } from '../aggregate/window.ts'
import { json } from '../decode/json.ts'
import { long, string, struct, timestamp } from '../decode/schema.ts'
import { MicrobatchError } from '../error.ts'
import { stream } from '../query/named-stream.ts'
import type { StreamingQuery } from '../query/plan/streaming-query.ts'
import type { Sink } from '../sink/sink.ts'
import type { StateStore } from '../state/store.ts'
import { memoryState } from '../state/stores/memory.ts'
import { testDriver } from './driver.ts'

const Tick = struct({ symbol: string(), price: long(), at: timestamp() })

interface TickRow {
  readonly symbol: string
  readonly price: number
  readonly at: number
}

/** Passes a call through the gate of its run: where the run dies there, it does not come back. */
export type Gate = <T>(call: () => Promise<T>) => Promise<T>

/** `rows`: a query without state. The others are output modes: of windows, and of a group for each symbol. */
export type SinkCheckMode = 'rows' | 'append' | 'update' | 'complete'

/**
 * How a container dies at a call: `before` it; `after` it, with its answer lost; or `paused` before it, to go on from there when the
 * stream is at its end, as a container that was frozen and given up.
 */
export type Death = 'before' | 'after' | 'paused'

export interface Kill {
  /** Which call of the run, from 0 up. */
  readonly call: number
  readonly death: Death
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

function queryOf(mode: SinkCheckMode, sinks: readonly Sink<object>[]): StreamingQuery<unknown> {
  if (mode === 'rows') return read.writeStream({ sinks })
  if (mode === 'append') return bars(read).writeStream({ outputMode: 'append', sinks })
  return totals(read).writeStream({ outputMode: mode, sinks })
}

/** The rows of the batch result, without the window that nothing closes. */
export async function batchResult(mode: SinkCheckMode): Promise<readonly object[]> {
  if (mode === 'rows') return rows
  const result: readonly object[] = await (mode === 'append' ? bars : totals)(read).runBatch(rows)
  return mode === 'append' ? result.filter((row) => Reflect.get(row, 'symbol') !== last.symbol) : result
}

/**
 * @param sinksOf the sinks of a new container, whose calls pass the gate
 * @throws MicrobatchError LAW_BROKEN where a batch was done and the sink was not
 * @returns false where the run made fewer calls than it was to die at
 */
export async function runKilled(
  mode: SinkCheckMode,
  sinksOf: (gate: Gate) => readonly Sink<object>[],
  kill: Kill,
): Promise<boolean> {
  const state = memoryState()
  const atEnd = Promise.withResolvers<void>()
  let calls = 0
  let wasKilled = false
  let die: () => void = () => undefined
  let woken: Promise<unknown> = Promise.resolve()
  const container = () => {
    let isDead = false
    const calling = { inHand: 0 }
    const gate: Gate = async (call) => {
      if (!isDead && calls++ !== kill.call) {
        calling.inHand += 1
        // Not at once: whoever does not wait for it is found out.
        await setImmediate()
        return call().finally(() => (calling.inHand -= 1))
      }
      const isFirst = !isDead
      isDead = true
      wasKilled = true
      if (isFirst && kill.death === 'after') await call()
      if (isFirst) die()
      // Whatever a dead container still had in hand stops at its next call.
      if (kill.death !== 'paused') return never()
      await atEnd.promise
      return call()
    }
    return { calling, ...testDriver(queryOf(mode, sinksOf(gate)), { state: gated(state, gate), partitions: 2 }) }
  }
  let driver = container()
  /** Whether it came to its end. */
  const isDone = async (work: Promise<unknown>): Promise<boolean> => {
    const died = new Promise<false>((resolve) => {
      die = () => resolve(false)
    })
    const isEnded = await Promise.race([work.then(() => true), died])
    if (!isEnded) woken = work
    else if (driver.calling.inHand > 0) {
      const { inHand } = driver.calling
      const problem = `checkSink: ${mode}: the sink resolved while ${inHand} of its calls were under way.`
      const remedy = 'Wait for them: Lambda freezes the container between two invocations.'
      throw new MicrobatchError('LAW_BROKEN', `${problem} ${remedy}`)
    }
    return isEnded
  }
  let from = 0
  let isTogether = false
  while (from < records.length) {
    const to = Math.min(records.length, from + (isTogether ? 2 : 1) * perBatch)
    isTogether = false
    if (await isDone(driver.addRecords(records.slice(from, to)))) from = to
    else {
      driver = container()
      // What comes again is cut otherwise after every other kill, as after a restart of the mapping.
      isTogether = kill.call % 2 === 1
    }
  }
  // A container that dies at its end has done all of its work.
  await isDone(driver.close())
  atEnd.resolve()
  // One that wakes up may be refused whatever it still wants.
  if (kill.death === 'paused') await woken.catch(() => undefined)
  return wasKilled
}

const never = (): Promise<never> => new Promise(() => undefined)

const gated = (store: StateStore, gate: Gate): StateStore => ({
  ...store,
  get: (key) => gate(() => store.get(key)),
  put: (item, rev) => gate(() => store.put(item, rev)),
  exchange: (added, removed) => gate(() => store.exchange(added, removed)),
})
