// How what is kept lies for the query that runs: which generation of the query it is, and the places of its parts. It is made from
// progress when a batch opens, and goes with the batch to everything that reads or writes a line.

import { isOwnOrder, type PartLayout, type PartLayouts } from './kept-parts.ts'

export interface KeptLayout {
  /** How often a version of the query has taken over what another one left, in other parts or another mode. */
  readonly evolution: number
  /** The places in a group; undefined where they are the query's own. */
  readonly groups: PartLayouts | undefined
  /** By the number of an operator of the chain. */
  readonly operators: readonly (PartLayouts | undefined)[]
  /** Equal for layouts by which lines are read alike. */
  readonly key: string
  /** Update mode over what was kept in another mode: all groups are to come out once (mode-change.ts). */
  readonly owesTable: boolean
}

/** The layout of state that no other version of the query has written. */
export const ownLayout: KeptLayout = { evolution: 0, groups: undefined, operators: [], key: '', owesTable: false }

export const layoutOf = ({ layout }: { readonly layout?: KeptLayout }): KeptLayout => layout ?? ownLayout

/** @param parts by the names of fingerprint entries: `aggregates`, `operator 0` */
export function keptLayout(
  evolution: number,
  found: ReadonlyMap<string, readonly PartLayout[]>,
  owesTable: boolean,
): KeptLayout {
  // Where no version has added a part, no line lacks one.
  const isWhole = (layout: PartLayout): boolean => evolution === 0 && isOwnOrder(layout)
  const parts = new Map<string, PartLayouts>()
  for (const [name, layouts] of found) {
    if (!layouts.every(isWhole)) parts.set(name, layouts)
  }
  const operators: (PartLayouts | undefined)[] = []
  for (const [name, layouts] of parts) {
    const [, slot] = /^operator (\d+)$/.exec(name) ?? []
    if (slot !== undefined) operators[Number(slot)] = layouts
  }
  const key = Array.from(parts, ([name, layouts]) => `${name}: ${layouts.map(textOf).join('|')}`).join('; ')
  return { evolution, groups: parts.get('aggregates'), operators, key, owesTable }
}

const textOf = (layout: PartLayouts[number]): string =>
  layout === undefined ? '' : layout.owners.map((owner) => owner ?? '-').join(',')
