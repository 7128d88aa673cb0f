// How a handler spreads what its query keeps: it is said to `kafkaHandler` alone, which is overheard while the handler's module loads in
// this process. A module that was loaded before, or has another library in its bundle, is not.
import { registerHooks } from 'node:module'
import type { PartitionCounts, StreamingQuery } from 'microbatch'

export interface OverheardSpread {
  readonly shards: number
  /** Null where the handler does not say it. */
  readonly partitions: PartitionCounts | null
}

/** The module in the library's place finds what it fills, a map of queries, by this name. */
export const globalName = 'microbatchOverheardSpreads'
const spreads = new WeakMap<object, OverheardSpread>()

/** The module in the library's place. @param library its URL */
export const overhearing = (library: string): string => `export * from '${library}'
import { kafkaHandler as make } from '${library}'
export const kafkaHandler = (query, options) => {
  globalThis.${globalName}.set(query, { shards: options?.shards ?? 1, partitions: options?.partitions ?? null })
  return make(query, options)
}`

/** @example const module = await overheard(() => loadHandlerModule(service, definition, 'bars')) */
export async function overheard<T>(load: () => Promise<T>): Promise<T> {
  Reflect.set(globalThis, globalName, spreads)
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      if (specifier !== 'microbatch' || !context.conditions.includes('import')) return found
      const url = `data:text/javascript,${encodeURIComponent(overhearing(found.url))}`
      return { url, format: 'module', shortCircuit: true }
    },
  })
  try {
    return await load()
  } finally {
    hooks.deregister()
  }
}

/** @returns undefined where no handler was made of the query in what was overheard */
export const spreadOf = (query: StreamingQuery): OverheardSpread | undefined => spreads.get(query)
