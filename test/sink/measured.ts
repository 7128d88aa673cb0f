// The table of docs/guarantees.md that says how often a reader without ids has a row twice: what the tests of each sink measure must stand
// there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { SinkFindings } from '../../lib/testing/index.ts'

const page = join(import.meta.dirname, '../../docs/guarantees.md')

/** @param name the text of its first cell, without backticks */
export function expectMeasured(name: string, findings: readonly SinkFindings[]): void {
  const lines = readFileSync(page, 'utf8').split('\n')
  const cells = (line: string) => line.split('|').map((cell) => cell.trim().replaceAll('`', ''))
  const start = lines.findIndex((line) => cells(line)[1] === 'killed at every call')
  const row = lines.slice(start).find((line) => cells(line)[1] === name)
  const documented = row === undefined ? [] : cells(row).slice(2, 6)
  const measured = ['rows', 'append', 'update', 'complete'].map((mode, i) => {
    const found = findings.find((finding) => finding.mode === mode)
    // A mode that this test did not try is what it was.
    return found === undefined ? (documented[i] ?? '') : `${found.repeats} in ${found.kills}`
  })
  // Printed, so that the table can be written by it.
  if (documented.join() !== measured.join()) console.log(`| \`${name}\` | ${measured.join(' | ')} |`)
  expect(documented, `the line ${name} of docs/guarantees.md`).toEqual(measured)
}
