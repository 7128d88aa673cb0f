// An aggregation that others follow: groups go on as rows when event time passes their end. Groups that have not ended lie by
// their end and key; one row a group comes out, once.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import { groupId } from '../../state/items/names.ts'
import { windowEndOf } from '../../state/protocol/fold/fold.ts'
import type { RowGroups } from '../../state/protocol/operators/group-operator.ts'
import { TextWriter } from '../../text-writer.ts'
import { compileGrouping } from '../aggregation/grouping.ts'
import { argumentGuard } from '../held/held-argument.ts'
import type { AggregateStep, Stage } from '../plan/stages/stage.ts'
import { derivedPlace } from './derived-place.ts'
import { inAggregate, RowFault } from './row-fault.ts'
import type { Entries, StageEmit, StageOperator } from './stage-operator.ts'

export function aggregateOperator(
  { aggregation }: AggregateStep,
  _stage: Stage,
  lagMs: number,
): StageOperator<Accumulators> {
  const { operator, rowOf, fingerprint, parts } = compileGrouping(aggregation)
  const isNoArgument = argumentGuard({ aggregation })
  const found: RowGroups = { endsMs: [], lookups: [] }
  const out = new TextWriter()
  return {
    name: 'stateStoreSave',
    fingerprint: JSON.stringify(fingerprint),
    parts: parts.operator,
    isTimed: true,
    lagMs,
    keyOf(row) {
      return operator.groupsOf(row, found) === 0 ? '' : operator.keyText(found.lookups[0] ?? null)
    },
    lateFor(row, boundMs) {
      const count = operator.groupsOf(row, found)
      // A row goes into those of its windows that have not ended, and is late where all have.
      let missed = null
      for (let g = 0; g < count; g += 1) {
        const endMs = found.endsMs[g] ?? 0
        if (endMs + lagMs > boundMs) return null
        missed = { key: operator.keyText(found.lookups[g] ?? null), windowEndMs: windowEndOf(endMs) }
      }
      return missed
    },
    apply(row, entries) {
      const refusal = isNoArgument(row.row, row.at)
      if (refusal !== null) throw new RowFault(refusal)
      const count = operator.groupsOf(row, found)
      for (let g = 0; g < count; g += 1) {
        const endMs = found.endsMs[g] ?? 0
        const key = `${Number.isFinite(endMs) ? endMs : ''} ${operator.keyText(found.lookups[g] ?? null)}`
        const acc = inAggregate(() => operator.add(entries.get(key) ?? operator.init(), row, row.at))
        entries.set(key, acc, endMs + lagMs)
      }
    },
    advance(boundMs, entries, emit) {
      for (const [key, acc] of entries.takeDue(boundMs)) end(key, acc, entries, emit)
      // At the end of time groups that never end are over too.
      if (boundMs === never) for (const [key, acc] of [...entries.all()]) end(key, acc, entries, emit)
    },
    encode(acc, layouts) {
      out.clear()
      operator.write(acc, out, layouts)
      return JSON.parse(out.finish())
    },
    decode: (encoded, layouts) => operator.decode(JSON.stringify(encoded), layouts),
  }
  function end(key: string, acc: Accumulators, entries: Entries<Accumulators>, emit: StageEmit): void {
    const split = key.indexOf(' ')
    const endMs = split === 0 ? never : Number(key.slice(0, split))
    const text = key.slice(split + 1)
    entries.delete(key)
    const id = groupId({ key: text, windowEndMs: windowEndOf(endMs) })
    emit(rowOf(operator.lookupOf(text), endMs, acc), id, derivedPlace(endMs))
  }
}

const never = Number.POSITIVE_INFINITY
