// What a stateful processor keeps for each key: values, lists and maps, declared by the types of what is in them, so that state comes
// back as it was kept, and another type is another query's state. The names are those of Spark's StatefulProcessor.

import { windowDurationMs } from '../../aggregate/duration.ts'
import type { Column } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'

export interface TtlOptions {
  /**
   * How long a value, an element of a list or an entry of a map is kept after it was written, as a Spark interval in processing time; for
   * `timeMode: 'processingTime'`. Default: until it is cleared
   */
  readonly ttl?: string
}

interface Declared {
  /** Milliseconds; null where it is kept until it is cleared. */
  readonly ttlMs: number | null
}

export interface ValueStateDefinition<Value> extends Declared {
  readonly kind: 'value'
  readonly column: Column<Value>
}
export interface ListStateDefinition<Value> extends Declared {
  readonly kind: 'list'
  readonly column: Column<Value>
}
export interface MapStateDefinition<Key, Value> extends Declared {
  readonly kind: 'map'
  readonly key: Column<Key>
  readonly column: Column<Value>
}

// The types of values are known to whoever declares them; the operator only moves them.
type AnyValue = ValueStateDefinition<unknown> | ListStateDefinition<unknown> | MapStateDefinition<unknown, unknown>
export type StateVariable = AnyValue
export type StateVariables = Readonly<Record<string, StateVariable>>

/** One value of a key. */
export interface ValueState<Value> {
  exists(): boolean
  /** Null where there is none. */
  get(): Value | null
  update(value: Value): void
  clear(): void
}

/** A list of a key, in the order in which it was appended to. */
export interface ListState<Value> {
  exists(): boolean
  get(): readonly Value[]
  put(values: readonly Value[]): void
  appendValue(value: Value): void
  appendList(values: readonly Value[]): void
  clear(): void
}

/** A map of a key; its own keys are equal where grouping columns are. */
export interface MapState<Key, Value> {
  exists(): boolean
  /** Null where there is none. */
  getValue(key: Key): Value | null
  containsKey(key: Key): boolean
  updateValue(key: Key, value: Value): void
  removeKey(key: Key): void
  keys(): readonly Key[]
  values(): readonly Value[]
  iterator(): Iterable<readonly [key: Key, value: Value]>
  clear(): void
}

/** How a processor sees a variable that it declared. */
export type HandleOf<Variable> =
  Variable extends ValueStateDefinition<infer Value>
    ? ValueState<Value>
    : Variable extends ListStateDefinition<infer Value>
      ? ListState<Value>
      : Variable extends MapStateDefinition<infer Key, infer Value>
        ? MapState<Key, Value>
        : never

/**
 * One value for each key. @throws MicrobatchError QUERY_INVALID for a ttl that is no interval above 0
 * @example valueState(struct({ price: double(), at: timestamp() }))
 */
export const valueState = <Value>(column: Column<Value>, options: TtlOptions = {}): ValueStateDefinition<Value> => ({
  kind: 'value',
  column,
  ttlMs: ttlOf(options),
})

/** A list for each key. @example listState(double(), { ttl: '1 hour' }) */
export const listState = <Value>(column: Column<Value>, options: TtlOptions = {}): ListStateDefinition<Value> => ({
  kind: 'list',
  column,
  ttlMs: ttlOf(options),
})

/** A map for each key. @example mapState(string(), long()) */
export const mapState = <Key, Value>(
  key: Column<Key>,
  column: Column<Value>,
  options: TtlOptions = {},
): MapStateDefinition<Key, Value> => ({ kind: 'map', key, column, ttlMs: ttlOf(options) })

function ttlOf({ ttl }: TtlOptions): number | null {
  if (ttl === undefined) return null
  const ttlMs = windowDurationMs(ttl)
  if (ttlMs <= 0) refuse(`TTL duration must be greater than zero, and is ${JSON.stringify(ttl)}.`)
  return ttlMs
}
