// Whether the fields of a message satisfy a branch, no two of them from different elements of one array. Paths are taken in
// the order of their names, as event-ruler's machine does: an absence counts against the elements chosen before it only.

import type { Elements, Field } from './fields.ts'
import type { FieldTest } from './pattern.ts'

export interface PathTest {
  /** Which of the reader's paths it is for. */
  readonly slot: number
  readonly test: FieldTest
}

/** Array -> the element that the fields chosen so far stand in. */
type Chosen = ReadonlyMap<number, number>

/** @param tests in the order of their paths */
export function isConsistentMatch(
  tests: readonly PathTest[],
  fields: ReadonlyArray<readonly Field[]>,
  position = 0,
  chosen: Chosen = new Map(),
): boolean {
  const current = tests[position]
  if (current === undefined) return true
  const candidates = fields[current.slot] ?? []
  const rest = (extended: Chosen): boolean => isConsistentMatch(tests, fields, position + 1, extended)
  if (current.test.acceptsAbsence && !candidates.some(({ elements }) => extended(chosen, elements) !== undefined))
    return rest(chosen)
  let isOutsideTried = false
  for (const { leaf, elements } of candidates) {
    // Fields outside arrays restrict nothing: one that matches says as much as all of them.
    if ((elements === undefined && isOutsideTried) || !current.test.matches(leaf)) continue
    const next = extended(chosen, elements)
    if (next !== undefined && rest(next)) return true
    if (elements === undefined) isOutsideTried = true
  }
  return false
}

/** Whether each test alone has what it needs: cheap, and spares most combinations. */
export const isPossibleMatch = (tests: readonly PathTest[], fields: ReadonlyArray<readonly Field[]>): boolean =>
  tests.every(({ slot, test }) => test.acceptsAbsence || (fields[slot] ?? []).some(({ leaf }) => test.matches(leaf)))

/** Undefined where the elements contradict those chosen. */
function extended(chosen: Chosen, elements: Elements | undefined): Chosen | undefined {
  let added: Map<number, number> | undefined
  for (let element = elements; element !== undefined; element = element.outer) {
    const index = chosen.get(element.array)
    if (index !== undefined && index !== element.index) return undefined
    if (index !== undefined) continue
    added ??= new Map(chosen)
    added.set(element.array, element.index)
  }
  return added ?? chosen
}
