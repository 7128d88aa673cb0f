// The stateful operators of Spark 3.5.3, batch by batch: rows, watermark, and what each operator kept, in each mode that a file has.
// Where we differ by decision stands in deviations/, cell by cell.

import { describe, expect, test } from 'vitest'
import { deviations } from './deviations/index.ts'
import { type Aspect, type Difference, differencesOf, type Place } from './differences.ts'
import { modesOf, readScenario, type StreamMode, scenarioNames } from './scenario.ts'
import { NotTranslated } from './translation.ts'
import { unfinished } from './unfinished.ts'

type Mode = StreamMode | 'batch'
type Cells = { readonly [What in Aspect]?: readonly Place[] }

const isUnfinished = (file: string, mode: Mode): boolean =>
  unfinished.includes(file) || unfinished.includes(`${file} ${mode}`)

describe.each(scenarioNames())('%s', (file) => {
  const scenario = readScenario(file)
  test.each(modesOf(scenario))('%s', async (mode) => {
    const decided = decidedCells(file, mode)
    if (isUnfinished(file, mode)) {
      expect(await isDone(file, mode), `${file} ${mode} is done: take it off unfinished.ts`).toBe(false)
      return
    }
    const differences = await differencesOf(scenario, mode)
    expect(differences.filter(({ what, phase }) => decided[what]?.includes(phase) !== true)).toEqual([])
    for (const { what, spark, ours } of differences) {
      const asOurs = whatOf(file, mode, what)
      if (asOurs !== null) expect((spark as readonly string[]).map(asOurs).sort()).toEqual(ours)
    }
    expect(cellsOf(differences), 'a cell that was decided to differ does not').toEqual(decided)
  })
})

test('what differs or is unfinished is in a file that there is', () => {
  const known = scenarioNames()
  const named = [...deviations.map(({ file }) => file), ...unfinished.map((line) => line.split(' ')[0] ?? '')]
  expect(named.filter((file) => !known.includes(file))).toEqual([])
})

async function isDone(file: string, mode: Mode): Promise<boolean> {
  try {
    const cells = cellsOf(await differencesOf(readScenario(file), mode))
    return JSON.stringify(cells) === JSON.stringify(decidedCells(file, mode))
  } catch (error) {
    if (error instanceof NotTranslated) return false
    throw error
  }
}

/** What Spark's rows are here, where a deviation can say it. */
const whatOf = (file: string, mode: Mode, what: Aspect): ((row: string) => string) | null =>
  (what === 'rows' ? deviationsOf(file, mode).find(({ asOurs }) => asOurs !== undefined)?.asOurs : null) ?? null

const deviationsOf = (file: string, mode: Mode) =>
  deviations.filter((deviation) => deviation.file === file && deviation.modes.includes(mode))

/** The cells of all deviations of a file and mode. */
function decidedCells(file: string, mode: Mode): Cells {
  return cellsOf(
    deviationsOf(file, mode).flatMap(({ cells }) =>
      Object.entries(cells).flatMap(([what, phases]) => phases.map((phase) => ({ what: what as Aspect, phase }))),
    ),
  )
}

/** In one order, each cell once. */
function cellsOf(differences: readonly Pick<Difference, 'what' | 'phase'>[]): Cells {
  const byAspect = Object.groupBy(differences, ({ what }) => what)
  const entries = Object.entries(byAspect).map(([what, list = []]): [string, readonly Place[]] => [
    what,
    [...new Set(list.map(({ phase }) => phase))].sort(),
  ])
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)))
}
