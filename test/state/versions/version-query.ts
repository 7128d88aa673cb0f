// Two versions of one query: the earlier has kept what the later one finds. The later one has a part more, or another output mode.

import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import { MicrobatchError } from '../../../lib/error.ts'
import type { KeptForm } from '../../../lib/state/protocol/evolution/kept-parts.ts'
import { aggregatePart, listText, parseList } from '../../../lib/state/protocol/evolution/part-text.ts'
import type { GroupOperator } from '../../../lib/state/protocol/operators/group-operator.ts'
import type { StatefulQuery } from '../../../lib/state/protocol/operators/stateful-query.ts'
import { droppedPart } from '../schedule/added-parts.ts'
import { idsOperator, type Rec, recordId, rowsOf, type Shape } from '../schedule/topic.ts'

/** Modes of the two versions, and whether the later one has a part more; `isTakenBack`: the earlier one takes over again. */
export interface Change {
  readonly modes: readonly [earlier: OutputMode, later: OutputMode]
  readonly adds: boolean
  readonly isTakenBack: boolean
}

export const changes = {
  'a part is added, in append mode': { modes: ['append', 'append'], adds: true, isTakenBack: false },
  'a part is added, in update mode': { modes: ['update', 'update'], adds: true, isTakenBack: false },
  'a part is added, in complete mode': { modes: ['complete', 'complete'], adds: true, isTakenBack: false },
  'a part comes and goes, in append mode': { modes: ['append', 'append'], adds: true, isTakenBack: true },
  'a part comes and goes, in update mode': { modes: ['update', 'update'], adds: true, isTakenBack: true },
  'update, then append': { modes: ['update', 'append'], adds: false, isTakenBack: false },
  'append, then update': { modes: ['append', 'update'], adds: false, isTakenBack: false },
  'complete, then append': { modes: ['complete', 'append'], adds: false, isTakenBack: false },
  'complete, then update': { modes: ['complete', 'update'], adds: false, isTakenBack: false },
  'update and append in turns': { modes: ['update', 'append'], adds: true, isTakenBack: true },
  'append and update in turns': { modes: ['append', 'update'], adds: true, isTakenBack: true },
} as const satisfies Readonly<Record<string, Change>>

export type ChangeName = keyof typeof changes

type VersionPart = Pick<StatefulQuery<Rec, string[]>, 'fingerprint' | 'parts' | 'evolve' | 'operator' | 'outputMode'>

export function versionOf(change: Change, isLater: boolean, shape: Shape): VersionPart {
  const hasMore = isLater && change.adds
  const own = [{ name: 'all', form: 'ids(null)' }, ...(hasMore ? [{ name: 'since', form: 'ids(since)' }] : [])]
  const form: KeptForm = {
    lists: [own],
    textOf: ([list = []]) => listText(list),
    listsOf(text) {
      const list = parseList(text, aggregatePart)
      return list === null ? null : [list]
    },
  }
  return {
    fingerprint: { window: shape.windows, aggregates: listText(own) },
    parts: new Map([['aggregates', form]]),
    evolve: change.isTakenBack ? ['add', 'drop'] : isLater ? ['add'] : [],
    outputMode: change.modes[isLater ? 1 : 0],
    operator: partsOperator(shape, hasMore),
  }
}

/** Marks an id of the part that was added. */
const mark = '+'

/** The ids of all rows, and those of the part behind them in the same list, each with its mark. */
function partsOperator(shape: Shape, hasMore: boolean): GroupOperator<Rec, string[]> {
  const own = hasMore ? [0, 1] : [0]
  return {
    ...idsOperator(shape),
    add(acc, row) {
      acc.push(recordId(row))
      if (hasMore) acc.push(mark + recordId(row))
      return acc
    },
    write(acc, out, layouts) {
      const parts = [allIds(acc), acc.filter((id) => id.startsWith(mark)).map((id) => id.slice(mark.length))]
      const owners = layouts?.[0]?.owners ?? own
      out.text(owners.map((owner) => (owner === null ? droppedPart : (parts[owner] ?? []).join(' '))).join('|'))
    },
    decode(text, layouts) {
      const parts = text.split('|')
      const { places, owners } = layouts?.[0] ?? { places: own, owners: own }
      const taken = places.map((place) => parts[place] ?? '')
      if (parts.length > owners.length || taken.includes(droppedPart)) {
        throw new MicrobatchError('STATE_INCOMPATIBLE', `a line of another layout was read: ${text}`)
      }
      return taken.flatMap((part, i) => rowsOf(part).map((id) => (i === 0 ? id : mark + id)))
    },
  }
}

export const allIds = (acc: readonly string[]): readonly string[] => acc.filter((id) => !id.startsWith(mark))
