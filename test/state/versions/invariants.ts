// What holds when versions of a query have followed one another: every row is in its group once or late once, as for one version; and
// what the sinks have at last is the state, whichever version brought it there.

import { checkCounts, checkEnd, checkRows, type Ended } from '../schedule/invariants.ts'
import type { SinkRow } from '../schedule/sinks.ts'
import { rowsOf } from '../schedule/topic.ts'
import { Violation } from '../schedule/violation.ts'
import type { Change } from './version-query.ts'

/** @param delivered the newest row of each id */
export function checkVersions(
  given: Omit<Ended, 'mode' | 'expectedLate'>,
  delivered: ReadonlyMap<string, SinkRow>,
  { modes: [earlier, later] }: Change,
): void {
  // Sinks are given the rows of all versions; what was added is compared line by line (added-parts.ts).
  const groups = new Map(
    Array.from(given.observer.groups, ([id, image]) => [id, { ...image, acc: rowsOf(image.acc).join(' ') }] as const),
  )
  const observer = { ...given.observer, groups }
  const end: Ended = { ...given, observer, mode: later, expectedLate: null }
  if (earlier === later) checkEnd(end)
  else checkDelivered(end, delivered)
}

/** The modes differ, so no sink alone has everything. */
function checkDelivered(end: Ended, delivered: ReadonlyMap<string, SinkRow>): void {
  const { groups, progress } = end.observer
  checkRows(end)
  checkCounts(end)
  const watermarkMs = progress()?.watermarkMs ?? Number.NEGATIVE_INFINITY
  for (const [id, { acc, endMs }] of groups) {
    if (end.mode === 'append' && endMs > watermarkMs) continue
    const row = delivered.get(id)
    if (row?.acc !== acc) throw new Violation('I4', `${id} is {${acc}}, the sinks have {${row?.acc ?? 'nothing'}}`)
  }
  for (const id of delivered.keys()) if (!groups.has(id)) throw new Violation('I2', `${id} came out of nothing`)
}
