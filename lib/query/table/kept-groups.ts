// The groups of a query's last aggregation, found in a shard: by window end and key where the windows of a key differ by their ends, by
// looking at each group's key otherwise.

import type { GroupImage } from '../../state/shards/group-image.ts'
import type { Shard } from '../../state/shards/shard.ts'
import { windowType } from '../../types/window.ts'
import type { Grouping } from '../aggregation/grouping.ts'
import type { AggregationStep, PlanRow } from '../plan/plan.ts'
import type { AskedKey, FoundGroup, KeptTable } from './kept-table.ts'
import { columnsOfGroups } from './key-columns.ts'

export function keptGroups(step: AggregationStep, grouping: Grouping): KeptTable {
  const columns = columnsOfGroups(step)
  const window = step.window?.name ?? step.keys.find((name) => columns.get(name)?.kind === 'window') ?? null
  const sameKey = equalIn(columns, window)

  const startOf = ({ lookup, endMs }: GroupImage): number | null =>
    window === null ? null : (windowType.hold(grouping.keyOf(lookup, endMs)[window])?.start ?? null)

  const found = ({ groups }: Shard, image: GroupImage): FoundGroup => {
    // The image changes with its shard; its line and its accumulator, once decoded, do not.
    const kept = { ...image }
    return {
      startMs: startOf(kept),
      key: () => grouping.keyOf(kept.lookup, kept.endMs),
      row: () => grouping.rowOf(kept.lookup, kept.endMs, groups.accOf(kept) as never),
    }
  }

  /** Decoded where it lies, so that the next question finds it decoded. */
  const decoded = (shard: Shard, image: GroupImage): FoundGroup => {
    shard.groups.accOf(image)
    return found(shard, image)
  }

  /** Without a window there is one group of a key, in the place that the key says. */
  const isWhole = ({ hasWindow }: AskedKey): boolean => hasWindow || window === null

  /** Any window will do for the lookup of a key whose windows lie by their ends. */
  const lookupOf = (key: PlanRow) => grouping.placeOf(key).lookup

  return {
    columns,
    window,
    routeOf: (asked) =>
      isWhole(asked) || grouping.hasWindowsByEnd ? grouping.operator.keyText(lookupOf(asked.key)) : null,
    find(shard, asked) {
      if (isWhole(asked)) {
        const { lookup, endMs } = grouping.placeOf(asked.key)
        const image = shard.groups.find(endMs, lookup)
        return image === undefined ? [] : [decoded(shard, image)]
      }
      const images = grouping.hasWindowsByEnd
        ? shard.groups.withLookup(lookupOf(asked.key))
        : Array.from(shard.groups.groups()).filter(({ lookup, endMs }) =>
            sameKey(grouping.keyOf(lookup, endMs), asked.key),
          )
      return Array.from(images, (image) => decoded(shard, image))
    },
    all: (shard) => Array.from(shard.groups.groups(), (image) => found(shard, image)),
  }
}

/** Whether two keys are equal but for their windows. */
function equalIn(columns: KeptTable['columns'], window: string | null): (left: PlanRow, right: PlanRow) => boolean {
  const domains = [...columns]
    .filter(([name]) => name !== window)
    .map(([name, { type }]) => [name, type.domain] as const)
  return (left, right) =>
    domains.every(([name, domain]) => {
      const [one, other] = [left[name] ?? null, right[name] ?? null]
      return one === null || other === null ? one === other : domain.compare(one, other) === 0
    })
}
