// The schemas that a codec, or the local mapping, has met: asked for once, compiled once. It holds the rule of ids that the
// registry does not know, by which no record stops a stream for ever.

import { messageOf } from '../error.ts'
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts'

/**
 * `unknown`: the registry has no such schema, and had none for long enough. `unusable`: it has, and it cannot be compiled.
 * `detail` is for people.
 */
export type CachedSchema<Compiled> =
  | { readonly kind: 'compiled'; readonly compiled: Compiled }
  | { readonly kind: 'unknown' | 'unusable'; readonly detail: string }

export interface SchemaCache<Compiled> {
  /**
   * Fetches what is not there yet.
   * @throws where the registry gives no answer, or has no such schema since less than `unknownForMs`
   */
  load(ids: Iterable<string>): Promise<void>
  /** Undefined before `load`. */
  get(id: string): CachedSchema<Compiled> | undefined
}

export interface SchemaCacheOptions<Compiled> {
  readonly registry: SchemaRegistry
  /** Makes what is kept of a schema. Where it throws, the schema is unusable, for good. */
  readonly compile: (schema: RegisteredSchema, id: string) => Compiled
  /**
   * Milliseconds from the first question on for which an id that the registry does not know may still come to be known: a
   * registry's replica lags behind the topic, a copy of a topic is there before the copy of its schemas.
   */
  readonly unknownForMs: number
  /** Epoch milliseconds. */
  readonly now?: () => number
}

/** The default of `unknownForMs`. */
export const unknownForMs = 60_000

/** Requests at once. */
const maxRequests = 8

/** Ids that bytes made up: remembered so that they are not asked for again and again, and forgotten beyond so many. */
const maxUnknown = 10_000

/** @example schemaCache({ registry, compile: ({ schema }) => Type.forSchema(JSON.parse(schema)), unknownForMs }) */
export function schemaCache<Compiled>({
  registry,
  compile,
  unknownForMs,
  now = Date.now,
}: SchemaCacheOptions<Compiled>): SchemaCache<Compiled> {
  const known = new Map<string, CachedSchema<Compiled>>()
  const unknown = new Map<string, { readonly firstAskedMs: number; askedMs: number }>()

  /** Given up ids are asked for again, not oftener than they were waited for. */
  function isDue(id: string): boolean {
    if (known.has(id)) return false
    const before = unknown.get(id)
    return before === undefined || !isGivenUp(id) || now() - before.askedMs >= unknownForMs
  }

  const isGivenUp = (id: string): boolean => {
    const before = unknown.get(id)
    return before !== undefined && before.askedMs - before.firstAskedMs >= unknownForMs
  }

  async function ask(id: string): Promise<void> {
    let schema: RegisteredSchema | null
    try {
      schema = await registry.schema(id)
    } catch (cause) {
      throw new Error(`${registry.description} gave no answer for schema ${id}: ${reasonOf(cause)}`, { cause })
    }
    if (schema === null) return notFound(id)
    unknown.delete(id)
    known.set(id, compiled(schema, id))
  }

  function notFound(id: string): void {
    const nowMs = now()
    const before = unknown.get(id)
    if (before !== undefined) before.askedMs = nowMs
    else unknown.set(id, { firstAskedMs: nowMs, askedMs: nowMs })
    const [oldest] = unknown.keys()
    if (unknown.size > maxUnknown && oldest !== undefined) unknown.delete(oldest)
  }

  function compiled(schema: RegisteredSchema, id: string): CachedSchema<Compiled> {
    try {
      return { kind: 'compiled', compiled: compile(schema, id) }
    } catch (error) {
      return { kind: 'unusable', detail: `schema ${id}: ${messageOf(error)}` }
    }
  }

  return {
    async load(ids) {
      const due = [...new Set(ids)].filter(isDue)
      if (due.length === 0) return
      const queue = due.values()
      const work = async () => {
        for (const id of queue) await ask(id)
      }
      await Promise.all(Array.from({ length: Math.min(maxRequests, due.length) }, work))
      const young = due.find((id) => unknown.has(id) && !isGivenUp(id))
      if (young === undefined) return
      const patience = `It is waited for, ${unknownForMs / 1000} s from the first time on`
      throw new Error(`${registry.description} has no schema ${young}. ${patience}; then its records are bad.`)
    },
    get(id) {
      const found = known.get(id)
      if (found !== undefined) return found
      if (!unknown.has(id)) return undefined
      return { kind: 'unknown', detail: `${registry.description} has no schema ${id}` }
    },
  }
}

/** What failed below `fetch`, which itself says "fetch failed". */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error && error.message === 'fetch failed'
    ? reasonOfCause(error.cause)
    : messageOf(error)

/** A name with two addresses that both refuse is an error with a code and no message. */
const reasonOfCause = (cause: Error): string => cause.message || String(Reflect.get(cause, 'code'))
