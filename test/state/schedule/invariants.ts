// The invariants of the state protocol that are checked when everything has ended: I1 to I4 and I7 of docs/state-protocol.md. What
// can be seen earlier, observer.ts sees.

import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import type { ImageFields } from '../../../lib/state/items/segment.ts'
import type { Observer } from './observer.ts'
import type { SinkRow, Sinks } from './sinks.ts'
import { delayMs, groupsOf, pairOf, type Rec, rowsOf, type Shape, sameRows, type Topic } from './topic.ts'
import { Violation } from './violation.ts'

const never = Number.NEGATIVE_INFINITY

export interface Ended {
  readonly topic: Topic
  readonly shape: Shape
  readonly mode: OutputMode
  readonly policy: 'min' | 'max' | 'idle'
  readonly observer: Observer
  readonly sinks: Sinks
  /** Pairs that the watermark calls late, where the schedule was sequential and without faults. */
  readonly expectedLate: ReadonlySet<string> | null
}

/** Throws the first violation. */
export function checkEnd(end: Ended): void {
  checkRows(end)
  checkCounts(end)
  if (end.mode === 'append') checkAppend(end)
  else if (end.mode === 'update') checkUpdate(end)
  else checkComplete(end)
}

/** I1 and I3: each row of each group is folded once, or late, not both, not neither; no in-delay row is late with `min`. */
export function checkRows({ topic, shape, observer, sinks, policy, mode, expectedLate }: Ended): void {
  const folded = new Map<string, number>()
  for (const [group, { acc }] of observer.groups) {
    for (const row of rowsOf(acc)) folded.set(`${row} @ ${group}`, (folded.get(`${row} @ ${group}`) ?? 0) + 1)
  }
  for (const records of topic.values()) {
    let ownMaxMs = never
    for (const record of records) {
      for (const group of groupsOf(record, shape)) {
        const pair = pairOf(record, group)
        const times = folded.get(pair) ?? 0
        const late = sinks.latePairs.has(pair)
        if (times > 1) throw new Violation('I1', `${pair} was folded ${times} times`)
        if (times === 1 && late) throw new Violation('I3', `${pair} is folded and late`)
        if (times === 0 && !late)
          throw new Violation(observer.late.has(pair) ? 'I3' : 'I1', `${pair} is neither folded nor reported late`)
        if (late && mode === 'complete') throw new Violation('I3', `${pair} is late in complete mode`)
        if (late && policy === 'min' && (group.windowEndMs ?? Infinity) > ownMaxMs - delayMs)
          throw new Violation('I3', `${pair} is late, within the delay of its own partition`)
        if (expectedLate !== null && late !== expectedLate.has(pair))
          throw new Violation('SEQ', `${pair} is ${late ? '' : 'not '}late, the watermark says otherwise`)
      }
      ownMaxMs = Math.max(ownMaxMs, record.eventTimeMs ?? never)
    }
  }
}

export function checkCounts({ topic, observer, sinks }: Ended): void {
  const { lateRows, deadLetters } = observer.progress() ?? { lateRows: 0, deadLetters: 0 }
  if (lateRows !== sinks.lateRecords.size) {
    throw new Violation('I3', `${lateRows} late rows were counted, ${sinks.lateRecords.size} reported`)
  }
  const dead = [...topic.values()].flat().filter(({ eventTimeMs }: Rec) => eventTimeMs === null).length
  if (deadLetters !== dead) throw new Violation('I3', `${deadLetters} dead letters were counted, ${dead} there are`)
}

/** I2: one id, one content; everything that ended was emitted, as it is in state; nothing else was. */
function checkAppend({ observer, sinks }: Ended): void {
  const emitted = new Set<string>()
  for (const row of sinks.appended) {
    const group = observer.groups.get(row.id)
    if (group === undefined) throw new Violation('I2', `${row.id} was emitted and is not in state`)
    if (row.acc !== group.acc || row.version !== group.version)
      throw new Violation('I2', `${row.id} was emitted as ${shown(row)}, is ${shown(group)}`)
    emitted.add(row.id)
  }
  const watermarkMs = observer.progress()?.watermarkMs ?? never
  for (const [id, { endMs }] of observer.groups) {
    if (endMs <= watermarkMs && !emitted.has(id)) throw new Violation('I2', `${id} ended and was never emitted`)
  }
}

const shown = ({ version, acc }: SinkRow | ImageFields): string => `v${version} {${acc}}`

/** I4: what the sink has at last is the state, and one version of an id has one content. */
function checkUpdate({ observer, sinks }: Ended): void {
  const versions = new Map<string, string>()
  for (const { id, version, acc } of sinks.updates) {
    const key = `${id} v${version}`
    if (versions.has(key) && versions.get(key) !== acc) throw new Violation('I4', `${key} has two contents`)
    versions.set(key, acc)
  }
  for (const [id, group] of observer.groups) {
    const row = sinks.upserted.get(id)
    if (row?.acc !== group.acc)
      throw new Violation('I4', `${id} is {${group.acc}}, the sink has {${row?.acc ?? 'nothing'}}`)
  }
}

/** I7: the last table is the state. */
function checkComplete({ observer, sinks }: Ended): void {
  const rows = new Map(sinks.table()?.rows.map((row) => [row.id, row]) ?? [])
  for (const [id, { acc }] of observer.groups) {
    if (!sameRows(rows.get(id)?.acc ?? null, acc))
      throw new Violation('I7', `${id} is {${acc}}, the table has {${rows.get(id)?.acc}}`)
  }
  if (rows.size !== observer.groups.size)
    throw new Violation('I7', `the table has ${rows.size} rows, state ${observer.groups.size}`)
}
