// Whether a sink keeps its promise where containers die: a stream is killed at every single call that it makes, each time in a run of its
// own, and whoever reads the sink by the ids of rows must then have the rows of batch mode. How often a reader without ids has a row
// too many is counted.

import { isDeepStrictEqual } from 'node:util'
import { MicrobatchError } from '../error.ts'
import type { Sink } from '../sink/sink.ts'
import { batchResult, type Death, type Gate, runKilled, type SinkCheckMode } from './killed-stream.ts'

/** A row as somebody reads it from where the sink wrote it. */
export interface FoundRow {
  readonly id: string
  /** The row with the higher version counts, of two with the same the later one. @default 0 */
  readonly version?: number
  /** The columns, as the query gave them. */
  readonly row: object
}

/** Where the sinks of one run write. */
export interface SinkPlace {
  /**
   * A sink of a new container. Each call by which it writes passes the gate: `gate(() => client.send(command))`. A query with several
   * sinks has them in their order.
   */
  sink(gate: Gate): Sink<object> | readonly Sink<object>[]
  /** All that is there after the last run, in the order of its writing, repeats among it. */
  read(): Promise<readonly FoundRow[]>
}

export interface CheckSinkOptions {
  /** @default all that the sink takes */
  readonly modes?: readonly SinkCheckMode[]
  /** @default all three */
  readonly deaths?: readonly Death[]
}

export interface SinkFindings {
  readonly mode: SinkCheckMode
  /** In how many runs a container died. */
  readonly kills: number
  /** The rows of the batch result. */
  readonly rows: number
  /** Rows that a reader without ids has twice, in all runs together. */
  readonly repeats: number
}

const allModes: readonly SinkCheckMode[] = ['rows', 'append', 'update', 'complete']
const allDeaths: readonly Death[] = ['before', 'after', 'paused']

/**
 * Kills a stream that writes to a sink at every call that it makes, and reads what is there in the end.
 *
 * @param placeOf a place with nothing in it, for each run; `run` tells them apart where they share a table or a topic
 * @returns what was found, for each mode
 * @throws MicrobatchError LAW_BROKEN naming the kill after which a reader by ids has other rows than batch mode, and these rows; what the
 *   sink rejects with
 * @example
 * const findings = await checkSink(async () => {
 *   const table = new Map<string, FoundRow>()
 *   return { sink: (gate) => mySink((row) => gate(async () => void table.set(row.id, row))), read: async () => [...table.values()] }
 * })
 */
export async function checkSink(
  placeOf: (run: number) => Promise<SinkPlace>,
  { modes = allModes, deaths = allDeaths }: CheckSinkOptions = {},
): Promise<readonly SinkFindings[]> {
  const findings: SinkFindings[] = []
  let run = 0
  const newPlace = () => placeOf(run++)
  for (const mode of modes) {
    const runs = await runsOf(mode, newPlace, deaths)
    if (runs.length === 0) continue
    const wanted = await batchResult(mode)
    let repeats = 0
    for (const { place, title } of runs) {
      const found = await place.read()
      check(title, newestOf(found), wanted)
      repeats += found.length - new Set(found.map(({ id, version = 0 }) => `${version} ${id}`)).size
    }
    findings.push({ mode, kills: runs.filter(({ wasKilled }) => wasKilled).length, rows: wanted.length, repeats })
  }
  return findings
}

interface Run {
  readonly place: SinkPlace
  readonly wasKilled: boolean
  readonly title: string
}

/** @returns none where the sink does not take the mode */
async function runsOf(
  mode: SinkCheckMode,
  newPlace: () => Promise<SinkPlace>,
  deaths: readonly Death[],
): Promise<readonly Run[]> {
  const runs: Run[] = []
  // A run that comes to its end before the call at which it was to die has made all calls that there are.
  for (let call = 0, isKilled = true; isKilled; call += 1) {
    isKilled = false
    for (const death of deaths) {
      const place = await newPlace()
      if (runs.length === 0 && !takes(place, mode)) return []
      const wasKilled = await runKilled(mode, (gate) => sinksOf(place, gate), { call, death })
      isKilled ||= wasKilled
      runs.push({ place, wasKilled, title: `${mode}, killed ${death} call ${call + 1}` })
    }
  }
  return runs
}

const sinksOf = (place: SinkPlace, gate: Gate): readonly Sink<object>[] => {
  const given = place.sink(gate)
  return 'write' in given ? [given] : given
}

function takes(place: SinkPlace, mode: SinkCheckMode): boolean {
  const outputMode = mode === 'rows' ? 'append' : mode
  return sinksOf(place, (call) => call()).every(({ outputModes }) => outputModes?.includes(outputMode) ?? true)
}

/** What a reader has that takes the newest version of each id. */
function newestOf(found: readonly FoundRow[]): readonly object[] {
  const table = new Map<string, FoundRow>()
  for (const row of found) {
    const kept = table.get(row.id)
    if (kept === undefined || (row.version ?? 0) >= (kept.version ?? 0)) table.set(row.id, row)
  }
  return Array.from(table.values(), ({ row }) => row)
}

function check(title: string, found: readonly object[], wanted: readonly object[]): void {
  const [has, should] = [textsOf(found), textsOf(wanted)]
  if (isDeepStrictEqual(has, should)) return
  const [missing] = without(should, has)
  const [wrong] = without(has, should)
  const words = [
    ...(missing === undefined ? [] : [`lacks ${missing}`]),
    ...(wrong === undefined ? [] : [`has ${wrong}, which batch mode has not`]),
  ]
  const problem = `checkSink: ${title}: of ${should.length} rows a reader by ids has ${has.length}; it ${words.join(' and ')}.`
  const remedy = 'A row that comes again must replace the one with its id, unless that one has a higher version.'
  throw new MicrobatchError('LAW_BROKEN', `${problem} ${remedy}`)
}

function without(texts: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return texts.filter((text) => {
    const at = left.indexOf(text)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

const textsOf = (rows: readonly object[]): readonly string[] => rows.map((row) => JSON.stringify(sorted(row))).sort()

/** The columns of a row by their names, those of a window, too: a table may give them in an order of its own. */
const sorted = (value: object): object =>
  Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, part]) => [name, typeof part === 'object' && part !== null ? sorted(part) : part]),
  )
