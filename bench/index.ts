// npm run bench: every table, one after the other.
//
//   npm run bench -- --only decode|codecs|filter|state|aggregates|operators|calls|units  one of them
//   npm run bench -- --only replay                      with a Kafka, so it is not among the others
//   npm run bench -- --compare                          and beside bench/baseline.json
//   npm run bench -- --save                             and into it

import { parseArgs } from 'node:util'
import { benchAggregates } from './aggregates.ts'
import { printComparison, saveBaseline } from './baseline.ts'
import { benchCodecs } from './codecs.ts'
import { benchDecode } from './decode.ts'
import { benchFilter } from './filter.ts'
import { benchOperators } from './operators.ts'
import { benchReplay } from './replay.ts'
import { benchState } from './state.ts'
import { benchCalls } from './state-calls.ts'
import { benchUnits } from './state-units.ts'

const tables = {
  decode: benchDecode,
  codecs: benchCodecs,
  filter: benchFilter,
  state: benchState,
  aggregates: benchAggregates,
  operators: benchOperators,
  calls: benchCalls,
  units: benchUnits,
}
const named = { replay: benchReplay }

const { values } = parseArgs({
  options: { only: { type: 'string' }, compare: { type: 'boolean' }, save: { type: 'boolean' } },
})
const chosen =
  values.only === undefined
    ? Object.entries(tables)
    : Object.entries({ ...tables, ...named }).filter(([name]) => values.only === name)
if (chosen.length === 0) {
  console.error(`--only is ${values.only}: give one of ${Object.keys({ ...tables, ...named }).join(', ')}.`)
  process.exit(2)
}
console.log(`Node ${process.version}. The machine may be shared: compare figures of one run only.`)
const figures = []
for (const [, table] of chosen) figures.push(...(await table()))
if (values.compare === true) printComparison(figures)
if (values.save === true) saveBaseline(figures)
