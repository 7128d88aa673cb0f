// The invariants of the state protocol, I1 to I7 of docs/state-protocol.md. Progress is watched at every write (I5, I6); the rest is
// checked when everything has ended. A violation is an error that begins with the invariant's number.

import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import { type GroupImage, groupImage } from '../../../lib/state/items/group-image.ts'
import { groupId } from '../../../lib/state/items/layout.ts'
import { type Progress, progressFromItem } from '../../../lib/state/items/progress.ts'
import { ended } from '../../../lib/state/protocol/rules.ts'
import type { Item, StateStore } from '../../../lib/state/store.ts'
import type { Sinks } from './sinks.ts'
import { delayMs, groupsOf, type Rec, recordId, rowsOf, sameRows, type Topic } from './topic.ts'

export class Violation extends Error {
  override readonly name = 'Violation'
  readonly invariant: string

  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`)
    this.invariant = invariant
  }
}

/** What the store held, and what it has let expire. */
export interface Ledger {
  readonly store: StateStore
  readonly progress: () => Progress | undefined
  /** Open and sealed groups as they are, and every group that expired, as it was. */
  readonly groups: () => readonly GroupImage[]
  readonly expire: () => number
  /** Seen at a write of progress. Kept, because the protocol would take an error there for a lost answer. */
  readonly violation: () => Violation | null
}

/** The store underneath the schedule: real items in a map, every write of progress watched. */
export function watchedStore(store: StateStore, topic: Topic, slideMs: number): Ledger {
  const items = new Map<string, Item>()
  const expired: GroupImage[] = []
  const removed = new Set<string>()
  let progress: Progress | undefined
  let violation: Violation | null = null
  const live = (): readonly GroupImage[] =>
    [...items.values()].filter(({ sk }) => sk !== 'progress').map((item) => groupImage(item))
  const groups = (): readonly GroupImage[] => [...expired, ...live()]
  const id = ({ pk, sk }: { readonly pk: string; readonly sk: string }): string => `${pk}|${sk}`

  const watched: StateStore = {
    isShared: store.isShared,
    async get(key) {
      return removed.has(id(key)) ? undefined : store.get(key)
    },
    async put(item, expectedRev) {
      // An expired item is overwritten as the absent one it is.
      const isBack = removed.has(id(item))
      const held = await store.get(item)
      if (isBack && expectedRev !== null) return 'conflict'
      const outcome = await store.put(item, isBack ? (held?.rev ?? null) : expectedRev)
      if (outcome === 'conflict') return outcome
      removed.delete(id(item))
      items.set(id(item), item)
      if (item.sk === 'progress') {
        const next = progressFromItem(item)
        violation ??= stepViolation(progress, next, groups(), topic, slideMs)
        progress = next
      }
      return outcome
    },
    async *range(pk, fromSk, toSk) {
      for await (const page of store.range(pk, fromSk, toSk)) yield page.filter((item) => !removed.has(id(item)))
    },
    close: () => store.close(),
  }
  const expire = (): number => {
    let count = 0
    for (const [key, item] of items) {
      if (item.expiresAtSec === null) continue
      expired.push(groupImage(item))
      items.delete(key)
      removed.add(key)
      count += 1
    }
    return count
  }
  return { store: watched, progress: () => progress, groups, expire, violation: () => violation }
}

const never = Number.NEGATIVE_INFINITY

/** I5 and I6: progress only grows, and never passes a record without effect. */
function stepViolation(
  before: Progress | undefined,
  after: Progress,
  groups: readonly GroupImage[],
  topic: Topic,
  slideMs: number,
): Violation | null {
  if (before !== undefined) {
    const falls: string[] = []
    if ((after.watermarkMs ?? never) < (before.watermarkMs ?? never)) falls.push('watermark')
    if ((after.closedMs ?? never) < (before.closedMs ?? never)) falls.push('closed bound')
    if (after.n < before.n) falls.push('batch number')
    if (after.lateRows < before.lateRows) falls.push('late count')
    for (const [tp, next] of before.next) if ((after.next.get(tp) ?? 0) < next) falls.push(`next of ${tp}`)
    for (const [tp, time] of before.maxEventTimeMs) {
      if ((after.maxEventTimeMs.get(tp) ?? never) < time) falls.push(`max event time of ${tp}`)
    }
    if (falls.length > 0) return new Violation('I6', `progress went back: ${falls.join(', ')}`)
  }
  const resolved = new Set<string>()
  const sealed = new Set<string>()
  for (const group of groups) {
    for (const row of rowsOf(group.acc)) resolved.add(`${row} @ ${groupId(group)}`)
    if (group.sealed) sealed.add(groupId(group))
  }
  for (const [tp, records] of topic) {
    for (const record of records.slice(before?.next.get(tp) ?? 0, after.next.get(tp) ?? 0)) {
      for (const name of groupsOf(record, slideMs)) {
        const id = groupId(name)
        if (resolved.has(`${recordId(record)} @ ${id}`) || sealed.has(id)) continue
        return new Violation('I5', `progress passed ${recordId(record)}, which is neither in ${id} nor late for it`)
      }
    }
  }
  return null
}

export interface Ended {
  readonly topic: Topic
  readonly slideMs: number
  readonly mode: OutputMode
  readonly policy: 'min' | 'max' | 'idle'
  readonly ledger: Ledger
  readonly sinks: Sinks
}

/** I1 to I4 and I7, when every record was acknowledged. Throws the first violation. */
export function checkEnd(end: Ended): void {
  checkRows(end)
  checkCounts(end)
  switch (end.mode) {
    case 'append':
      checkAppend(end)
      return
    case 'update':
      checkUpdate(end)
      return
    case 'complete':
      checkComplete(end)
  }
}

/** I1 and I3: each row of each group is folded once, or late, not both, not neither; no in-delay row is late with `min`. */
function checkRows({ topic, slideMs, ledger, sinks, policy, mode }: Ended): void {
  const folded = new Map<string, number>()
  for (const group of ledger.groups()) {
    for (const row of rowsOf(group.acc)) {
      const pair = `${row} @ ${groupId(group)}`
      folded.set(pair, (folded.get(pair) ?? 0) + 1)
    }
  }
  for (const records of topic.values()) {
    let ownMaxMs = never
    for (const record of records) {
      for (const name of groupsOf(record, slideMs)) {
        const pair = `${recordId(record)} @ ${groupId(name)}`
        const times = folded.get(pair) ?? 0
        const late = sinks.late.has(pair)
        if (times > 1) throw new Violation('I1', `${pair} was folded ${times} times`)
        if (times === 1 && late) throw new Violation('I3', `${pair} is folded and late`)
        if (times === 0 && !late) throw new Violation('I1', `${pair} is neither folded nor late`)
        if (late && mode === 'complete') throw new Violation('I3', `${pair} is late in complete mode`)
        if (late && policy === 'min' && (name.windowEndMs ?? 0) > ownMaxMs - delayMs) {
          throw new Violation('I3', `${pair} is late, within the delay of its own partition`)
        }
      }
      ownMaxMs = Math.max(ownMaxMs, record.eventTimeMs ?? never)
    }
  }
}

function checkCounts({ topic, ledger, sinks }: Ended): void {
  const { lateRows, deadLetters } = ledger.progress() ?? { lateRows: 0, deadLetters: 0 }
  if (lateRows !== sinks.lateRecords.size) {
    throw new Violation('I3', `${lateRows} late rows were counted, ${sinks.lateRecords.size} reported`)
  }
  const dead = [...topic.values()].flat().filter(({ eventTimeMs }: Rec) => eventTimeMs === null).length
  if (deadLetters !== dead) throw new Violation('I3', `${deadLetters} dead letters were counted, ${dead} there are`)
}

const withRows = (groups: readonly GroupImage[]): readonly GroupImage[] => groups.filter(({ acc }) => acc !== null)

/** I2: one id, one content; everything that ended was emitted, as it is in state; nothing else was. */
function checkAppend({ ledger, sinks }: Ended): void {
  const state = new Map(withRows(ledger.groups()).map((group) => [groupId(group), group]))
  const emitted = new Set<string>()
  for (const row of sinks.appended) {
    const group = state.get(row.id)
    if (group === undefined) throw new Violation('I2', `${row.id} was emitted and is not in state`)
    if (row.acc !== group.acc || row.version !== group.version) {
      throw new Violation(
        'I2',
        `${row.id} was emitted as v${row.version} {${row.acc}}, is v${group.version} {${group.acc}}`,
      )
    }
    emitted.add(row.id)
  }
  for (const [id, group] of state) {
    if (ended(group.windowEndMs, ledger.progress()?.watermarkMs ?? null) && !emitted.has(id)) {
      throw new Violation('I2', `${id} ended and was never emitted`)
    }
  }
}

/** I4: what the sink holds at last is the state. */
function checkUpdate({ ledger, sinks }: Ended): void {
  for (const group of withRows(ledger.groups())) {
    const row = sinks.upserted.get(groupId(group))
    if (row?.acc !== group.acc) {
      throw new Violation('I4', `${groupId(group)} is {${group.acc}}, the sink holds {${row?.acc ?? 'nothing'}}`)
    }
  }
}

/** I7: the last table is the state. */
function checkComplete({ ledger, sinks }: Ended): void {
  const rows = new Map(sinks.table()?.rows.map((row) => [row.id, row]) ?? [])
  const groups = withRows(ledger.groups())
  for (const group of groups) {
    if (!sameRows(rows.get(groupId(group))?.acc ?? null, group.acc)) {
      throw new Violation(
        'I7',
        `${groupId(group)} is {${group.acc}}, the table holds {${rows.get(groupId(group))?.acc}}`,
      )
    }
  }
  if (rows.size !== groups.length) throw new Violation('I7', `the table has ${rows.size} rows, state ${groups.length}`)
}
