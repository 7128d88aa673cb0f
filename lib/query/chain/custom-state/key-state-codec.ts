// The state of a key as JSON: its variables in the order of their definitions, then its timers. The end of a time to live is written
// only where there is one.

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

export const encodeState = ({ variables, timers }: KeyState): unknown => [
  variables.map((variable) =>
    variable instanceof Map
      ? Array.from(variable, ([key, item]) => [key, ...encodeItem(item)])
      : variable.map((item) => encodeItem(item)),
  ),
  Array.from(timers, ({ expiryMs, dueMs }) => (expiryMs === dueMs ? [expiryMs] : [expiryMs, dueMs])),
]

/** @throws MicrobatchError STATE_INCOMPATIBLE for what `encodeState` never gives */
export function decodeState(definitions: Definitions, encoded: unknown): KeyState {
  const [variables, timers] = decodeList(encoded).map(decodeList)
  if (variables?.length !== definitions.length || timers === undefined) {
    throw incompatible(encoded, `a state of ${definitions.length} variables`)
  }
  return new KeyState(
    definitions.map(([, { kind }], i): Variable => {
      const items = decodeList(variables[i]).map(decodeList)
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
