// The state of a key as JSON: its variables in the order of their definitions, then its timers. The end of a time to live is written
// only where there is one.

import type { PartLayout } from '../../../state/protocol/evolution/kept-parts.ts'
import { decodeList, decodeNumber, incompatible, type Kept } from '../../../types/kept-value.ts'
import type { StateVariable } from '../../custom-state/state-variable.ts'
import { type Item, KeyState, type Variable } from './key-state.ts'
import type { Timer } from './timers.ts'

type Definitions = readonly (readonly [name: string, variable: StateVariable])[]

export const emptyState = (definitions: Definitions): KeyState =>
  new KeyState(
    definitions.map(([, { kind }]): Variable => (kind === 'map' ? new Map<string, Item>() : [])),
    [],
  )

/** @param layout where its variables lie; left out, in the order of their definitions */
export const encodeState = ({ variables, timers }: KeyState, layout?: PartLayout): unknown => [
  // The place of a variable that was dropped has nothing.
  layout === undefined
    ? variables.map(encodeVariable)
    : layout.owners.map((owner) => encodeVariable(variables[owner ?? -1] ?? [])),
  Array.from(timers, ({ expiryMs, dueMs }) => (expiryMs === dueMs ? [expiryMs] : [expiryMs, dueMs])),
]

const encodeVariable = (variable: Variable): readonly unknown[] =>
  variable instanceof Map
    ? Array.from(variable, ([key, item]) => [key, ...encodeItem(item)])
    : variable.map((item) => encodeItem(item))

/**
 * A variable that was added after the state was kept is empty.
 * @throws MicrobatchError STATE_INCOMPATIBLE for what `encodeState` never gives
 */
export function decodeState(definitions: Definitions, encoded: unknown, layout?: PartLayout): KeyState {
  const [variables, timers] = decodeList(encoded).map(decodeList)
  const size = layout?.owners.length ?? definitions.length
  const count = variables?.length ?? Number.POSITIVE_INFINITY
  const isReadable = layout === undefined ? count === size : count <= size
  if (variables === undefined || timers === undefined || !isReadable) {
    throw incompatible(encoded, `a state of ${size} variables`)
  }
  return new KeyState(
    definitions.map(([, { kind }], i): Variable => {
      const items = decodeList(variables[layout?.places[i] ?? i] ?? []).map(decodeList)
      if (kind !== 'map') return items.map(decodeItem)
      return new Map(items.map(([key, ...item]) => [String(key), decodeItem(item)] as const))
    }),
    timers.map(decodeTimer),
  )
}

const encodeItem = ({ kept, untilMs }: Item): readonly (Kept | null)[] =>
  Number.isFinite(untilMs) ? [kept, untilMs] : [kept]

const decodeItem = ([kept, untilMs]: readonly unknown[]): Item => ({
  kept: (kept ?? null) as Kept | null,
  untilMs: untilMs === undefined ? Number.POSITIVE_INFINITY : decodeNumber(untilMs),
})

function decodeTimer(encoded: unknown): Timer {
  const [expiry, due = expiry] = decodeList(encoded)
  return { expiryMs: decodeNumber(expiry), dueMs: decodeNumber(due) }
}
