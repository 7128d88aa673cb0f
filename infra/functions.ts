// What serverless.yml says of the functions that run a query, ask one, or write to Kafka, before anything is checked: where each stands,
// its queries, and what it brings itself.

/** A function as it is written: variables may stand in its values. */
export interface GivenFunction {
  readonly key: string
  /** Its name on AWS, where it is given one. */
  readonly name?: string
  /** The value of each event `query`. */
  readonly queries: readonly unknown[]
  /** Its other events. */
  readonly events: readonly unknown[]
  readonly produces?: unknown
  readonly asks?: unknown
  readonly environment?: unknown
  /** It has a role of its own, or a network: these are left alone. */
  readonly hasRole: boolean
  readonly hasNetwork: boolean
}

export interface PlacedFunction {
  /** From the top of the configuration: functions are an object, or a list of objects. */
  readonly path: readonly string[]
  readonly given: GivenFunction
}

/** @example functionsOf({ bars: { handler: 'bars.run', events: [{ query: { topic: 'ticks', partitions: 3 } }] } })[0]?.path */
export function functionsOf(functions: unknown): readonly PlacedFunction[] {
  if (Array.isArray(functions)) {
    return functions.flatMap((part, index) => placed(part, ['functions', String(index)]))
  }
  return placed(functions, ['functions'])
}

const placed = (functions: unknown, path: readonly string[]): readonly PlacedFunction[] =>
  isObject(functions)
    ? Object.entries(functions).flatMap(([key, definition]) => {
        const given = givenOf(key, definition)
        return given === null ? [] : [{ path: [...path, key], given }]
      })
    : []

/** Null where a function has nothing to do with queries or Kafka. */
function givenOf(key: string, definition: unknown): GivenFunction | null {
  if (!isObject(definition)) return null
  const { events: all, name, produces, asks, environment, role, vpc } = definition
  const events: readonly unknown[] = Array.isArray(all) ? all : []
  const queries = events.flatMap((event) => (isObject(event) && 'query' in event ? [event.query ?? {}] : []))
  if (queries.length === 0 && produces === undefined && asks === undefined) return null
  return {
    key,
    ...(typeof name === 'string' ? { name } : {}),
    queries,
    events: events.filter((event) => !isObject(event) || !('query' in event)),
    produces,
    asks,
    environment,
    hasRole: role !== undefined && role !== null,
    hasNetwork: vpc !== undefined && vpc !== null,
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
