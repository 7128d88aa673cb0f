// A join of two streams: each row is kept until no row of the other side can match it any more, and gives its pairs when it comes. A
// row that was matched by none comes out alone when it ends, where its side is an outer one (Spark: StreamingSymmetricHashJoinExec).

import type { KeptForm } from '../../../state/protocol/evolution/kept-parts.ts'
import { columnPart, listText, parseList, splitOutside } from '../../../state/protocol/evolution/part-text.ts'
import { decodeList, incompatible } from '../../../types/kept-value.ts'
import { Refusal } from '../../held/refusal.ts'
import { maxRowsOfRecord } from '../../operators/row-generators.ts'
import type { JoinStep } from '../../plan/joins/join-step.ts'
import type { PlanRow } from '../../plan/plan.ts'
import type { Stage } from '../../plan/stages/stage.ts'
import { derivedPlace } from '../derived-place.ts'
import type { RowCodec } from '../kept-row.ts'
import { inQuery, RowFault } from '../row-fault.ts'
import { idOf, type Located, type StageOperator } from '../stage-operator.ts'
import { lateByTime } from '../time-of.ts'
import { entryOf, familyName, joinSide, type Waiting } from './join-side.ts'

/** @param lagMs how far behind the watermark the rows of the left side may be */
export function joinOperator(step: JoinStep, { input, eventTime }: Stage, lagMs: number): StageOperator<Waiting> {
  const left = joinSide(step, 'left', input, eventTime)
  const right = joinSide(step, 'right', step.right.columns, step.right.eventTime)
  const isSemi = step.type === 'leftSemi'
  const definition = definitionText(step)
  const joined = rowMaker(step, [...input.keys()])
  const isPair = pairCheck(step)
  const sidesOf = ({ joinedAt }: Located) =>
    joinedAt === undefined ? { own: left, other: right } : { own: right, other: left }
  /** A row that none has matched, or will. */
  const alone = ({ side, row, id }: Waiting): readonly [row: PlanRow, id: string] =>
    side === 'left' ? [joined(row, null), `${id}&`] : [joined(null, row), `&${id}`]

  return {
    name: 'symmetricHashJoin',
    fingerprint: `${definition}${left.codec.text} | ${right.codec.text}`,
    parts: waitingRows(definition, left.codec, right.codec),
    isTimed: left.isOuter || right.isOuter,
    lagMs: lagMs + (step.bound?.kind === 'range' && step.range !== null ? lagOf(step.range) : 0),
    keyOf(row) {
      return sidesOf(row).own.keyOf(row.row) ?? ''
    },
    lateFor: (row, boundMs) => lateByTime(row, sidesOf(row).own.eventTimeOf(row.row), boundMs - lagMs),
    apply(located, entries, emit) {
      const { own, other } = sidesOf(located)
      const { row, at } = located
      const id = idOf(located)
      const key = own.keyOf(row)
      const canMatch = key !== null && (step.range === null || own.rangeTimeOf(row) !== null)
      let count = 0
      if (canMatch) {
        for (const waiting of entries.family(familyName(other, key))) {
          if (isSemi && (waiting.side === 'left' ? waiting.isMatched : count > 0)) continue
          const [l, r] = own === left ? [row, waiting.row] : [waiting.row, row]
          if (!isPair(l, r)) continue
          count += 1
          if (count > maxRowsOfRecord) throw new RowFault(new Refusal('TOO_MANY_ROWS', tooManyPairs))
          const [leftId, rightId] = own === left ? [id, waiting.id] : [waiting.id, id]
          if (isSemi) emit(l, leftId, at)
          else emit(joined(l, r), `${leftId}&${rightId}`, at)
          if (!waiting.isMatched && (other.isOuter || (isSemi && other === left))) {
            entries.replace(entryOf(other, key, waiting), { ...waiting, isMatched: true })
          }
        }
      }
      const waiting: Waiting = { side: own.side, row, id, isMatched: count > 0 }
      if (isSemi && own === left && count > 0) return
      // A row without a key, or without the time of the range, matches none: only an outer side has a use for it.
      if (!canMatch && !own.isOuter) return
      const endMs = own.endOf(row) + lagMs
      if (endMs > entries.boundMs && (canMatch || Number.isFinite(endMs))) {
        entries.set(entryOf(own, key, waiting), waiting, endMs)
      } else if (own.isOuter && count === 0) emit(...alone(waiting), at)
    },
    advance(boundMs, entries, emit) {
      // At the end of time rows that would wait for ever have waited, too.
      const ended = boundMs === Number.POSITIVE_INFINITY ? [...entries.all()] : entries.takeDue(boundMs)
      for (const [key, waiting] of ended) {
        const { isOuter, endOf } = waiting.side === 'left' ? left : right
        // Spark counts only those as removed whose side is not an outer one.
        entries.delete(key, !isOuter)
        if (isOuter && !waiting.isMatched) emit(...alone(waiting), derivedPlace(endOf(waiting.row)))
      }
    },
    encode({ side, row, id, isMatched }, layouts) {
      const kept = side === 'left' ? left.codec.encode(row, layouts?.[0]) : right.codec.encode(row, layouts?.[1])
      return [side === 'left' ? 0 : 1, isMatched ? 1 : 0, id, kept]
    },
    decode(encoded, layouts) {
      const [side, isMatched, id, row] = decodeList(encoded)
      if ((side !== 0 && side !== 1) || typeof id !== 'string')
        throw incompatible(encoded, 'a row that waits in a join')
      return side === 0
        ? { side: 'left', row: left.codec.decode(row, layouts?.[0]), id, isMatched: isMatched === 1 }
        : { side: 'right', row: right.codec.decode(row, layouts?.[1]), id, isMatched: isMatched === 1 }
    },
  }
}

const tooManyPairs = `the row matches more than ${maxRowsOfRecord} rows of the other side that wait under its key`

/** The smallest time that is still to come out lies so far behind what the join has been told of, in milliseconds. */
const lagOf = ({ beforeMs, afterMs }: NonNullable<JoinStep['range']>): number => Math.max(0, beforeMs, afterMs) + 1

/** Whether two rows with equal keys are a pair. */
function pairCheck({ range, where }: JoinStep): (left: PlanRow, right: PlanRow) => boolean {
  return (left, right) => {
    if (range !== null) {
      const [l, r] = [left[range.left], right[range.right]]
      if (typeof l !== 'number' || typeof r !== 'number' || r < l - range.beforeMs || r > l + range.afterMs)
        return false
    }
    return where === null || inQuery('the condition of join', () => where(left, right)) === true
  }
}

/** The row of a pair, or of one row alone: nulls stand for the other. */
function rowMaker({ right, merged }: JoinStep, leftColumns: readonly string[]) {
  const left = leftColumns.map((name) => ({ name, isMerged: merged.includes(name) }))
  const names = Array.from(right.names, ([name, as]) => ({ name, as }))
  // An object that grows by a column at a time takes twice the memory.
  const blank = Object.fromEntries([...leftColumns, ...names.map(({ as }) => as)].map((name) => [name, null]))
  return (l: PlanRow | null, r: PlanRow | null): PlanRow => {
    const row: Record<string, unknown> = { ...blank }
    for (const { name, isMerged } of left) row[name] = (l === null && isMerged ? r : l)?.[name] ?? null
    for (const { name, as } of names) row[as] = r?.[name] ?? null
    return row
  }
}

function definitionText({ type, pairs, range, bound }: JoinStep): string {
  const on = pairs.map((pair) => pair.join(' = ')).join(', ')
  const within =
    range === null
      ? ''
      : ` within ${range.left} - ${range.beforeMs} ms, ${range.right}, ${range.left} + ${range.afterMs} ms`
  const until =
    bound === null ? '' : ` until ${bound.kind}${bound.isLeftTimed ? ' left' : ''}${bound.isRightTimed ? ' right' : ''}`
  return `join ${type} on ${on}${within}${until}: `
}

/** The columns of either side may come and go: a row that waits has nothing in a column that was added. */
const waitingRows = (definition: string, left: RowCodec, right: RowCodec): KeptForm => ({
  lists: [left.parts, right.parts],
  textOf: (lists) => definition + lists.map((list) => listText(list)).join(' | '),
  listsOf(text) {
    const sides = text.startsWith(definition) ? splitOutside(text.slice(definition.length), ' | ') : []
    const lists = sides.flatMap((side) => {
      const list = parseList(side, columnPart)
      return list === null ? [] : [list]
    })
    return lists.length === 2 ? lists : null
  },
})
