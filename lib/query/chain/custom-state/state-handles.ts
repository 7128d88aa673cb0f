// The variables of a key as a processor sees them. What it puts in is held to the column that the variable was declared with, and kept
// as state keeps it, so that an object which is changed afterwards changes nothing that is kept.

import type { Column } from '../../../decode/schema.ts'
import { holdIn } from '../../../types/column.ts'
import type { ListState, MapState, StateVariable, ValueState } from '../../custom-state/state-variable.ts'
import { misfit } from '../../held/held-value.ts'
import { RowFault } from '../row-fault.ts'
import type { Item, KeyState } from './key-state.ts'

/** The call that is under way. */
export interface Current {
  readonly state: KeyState
  /** Processing time, epoch milliseconds. */
  readonly nowMs: number
}

type Handle = ValueState<unknown> | ListState<unknown> | MapState<unknown, unknown>

/** @param at the place of the definition among those of the processor */
export function handleOf(name: string, variable: StateVariable, at: number, current: () => Current): Handle {
  const { column, ttlMs } = variable
  const itemOf = (value: unknown): Item => ({
    kept: encode(name, column, value),
    untilMs: ttlMs === null ? Number.POSITIVE_INFINITY : current().nowMs + ttlMs,
  })
  const live = (): readonly Item[] => current().state.live(at, current().nowMs)
  const read = ({ kept }: Item): unknown => decode(column, kept)
  switch (variable.kind) {
    case 'value': {
      const item = (): Item | undefined => current().state.value(at, current().nowMs)
      return {
        exists: () => item() !== undefined,
        get() {
          const kept = item()
          return kept === undefined ? null : read(kept)
        },
        update: (value) => current().state.replace(at, [itemOf(value)]),
        clear: () => clear([]),
      }
    }
    case 'list':
      return {
        exists: () => live().length > 0,
        get: () => live().map(read),
        put: (values) => current().state.replace(at, values.map(itemOf)),
        appendValue: (value) => current().state.append(at, [itemOf(value)]),
        appendList: (values) => current().state.append(at, values.map(itemOf)),
        clear: () => clear([]),
      }
    case 'map': {
      const textOf = (key: unknown): string => JSON.stringify(encode(`the key of ${name}`, variable.key, key, true))
      const keyOf = (text: string): unknown => decode(variable.key, JSON.parse(text))
      const entries = () => current().state.liveEntries(at, current().nowMs)
      const entry = (key: unknown): Item | undefined => current().state.entry(at, textOf(key), current().nowMs)
      return {
        exists: () => entries().length > 0,
        getValue(key) {
          const item = entry(key)
          return item === undefined ? null : read(item)
        },
        containsKey: (key) => entry(key) !== undefined,
        updateValue: (key, value) => current().state.setEntry(at, textOf(key), itemOf(value)),
        removeKey: (key) => current().state.setEntry(at, textOf(key), undefined),
        keys: () => entries().map(([text]) => keyOf(text)),
        values: () => entries().map(([, item]) => read(item)),
        iterator: () => entries().map(([text, item]) => [keyOf(text), read(item)] as const),
        clear: () => clear(new Map()),
      }
    }
  }

  /** Nothing is written for what is empty already. */
  function clear(empty: Item[] | Map<string, Item>): void {
    const { state } = current()
    const variable = state.variables[at]
    if ((variable instanceof Map ? variable.size : variable?.length) !== 0) state.replace(at, empty)
  }
}

/** @throws RowFault for a value that its column does not take */
function encode(name: string, column: Column<unknown>, value: unknown, isKey = false): Item['kept'] {
  const held = holdIn(column, value)
  if (held === undefined) {
    const { isNullable, type } = column
    const wanted = isNullable ? `${type.wanted} or null` : type.wanted
    throw new RowFault(misfit('WRONG_SHAPE', name, wanted, value, 'a stateful processor'))
  }
  const { domain } = column.type
  return held === null ? null : domain.encode(isKey ? domain.canonical(held) : held)
}

const decode = ({ type }: Column<unknown>, kept: Item['kept']): unknown =>
  kept === null ? null : type.domain.decode(kept)
