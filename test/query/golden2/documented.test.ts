// docs/from-spark.md lists what differs by decision, with as many cells as there are.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Deviation } from './deviations/deviation.ts'
import { deviations } from './deviations/index.ts'

test('the table of docs/from-spark.md has what differs, counted', () => {
  const [, section = ''] = readFileSync('docs/from-spark.md', 'utf8').split('## Stateful operators, to the letter')
  const rows = section.split('\n## ')[0]?.match(/^\| `.*$/gm) ?? []
  expect(rows).toEqual(tableOf(deviations))
})

/** One row for each file and reason, in the order of files. */
function tableOf(all: readonly Deviation[]): readonly string[] {
  const byRow = Map.groupBy(all, ({ file, why }) => `${file} ${why}`)
  const rows = Array.from(byRow.values(), (own) => {
    const [first] = own
    const modes = [...new Set(own.flatMap(({ modes }) => modes))].join(', ')
    const cells = own.reduce((sum, { cells, modes }) => sum + modes.length * Object.values(cells).flat().length, 0)
    return `| \`${first?.file}\` | ${modes} | ${cells} | ${first?.why} |`
  })
  return rows.sort()
}
