// Which queries of a service there are: all but those that say `optional`, or, where the variable QUERIES names some, these. A function
// whose query is left out is not in the service at all, nor one that asks it: nothing of it is bundled, started or deployed.

import { isObject } from './functions.ts'
import { Refusal } from './refusal.ts'

type Functions = Readonly<Record<string, unknown>>

export interface ChosenFunctions {
  /** Those that stay, as serverless.yml has them. */
  readonly functions: unknown
  /** The names of the others. */
  readonly leftOut: readonly string[]
}

/**
 * @param functions as serverless.yml has them: an object, or a list of objects
 * @param names the value of QUERIES: `tape,bars`
 * @returns null where all stay
 * @throws Refusal for a name that no query has
 * @example chosenFunctions({ moves: { events: [{ query: { optional: true } }] } }, undefined)?.leftOut // ['moves']
 */
export function chosenFunctions(functions: unknown, names: string | undefined): ChosenFunctions | null {
  const parts = (Array.isArray(functions) ? functions : [functions]).filter(isObject)
  const all = parts.flatMap((part) => Object.entries(part)).filter(([, definition]) => queryOf(definition) !== null)
  const wanted = names === undefined || names.trim() === '' ? null : names.split(',').map((name) => name.trim())
  const known = all.map(([name]) => name)
  const unknown = wanted?.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new Refusal(`QUERIES names "${unknown}", and the queries of this service are ${known.join(', ')}.`)
  }
  const out = new Set(
    all
      .filter(([name, definition]) => (wanted === null ? isOptional(definition) : !wanted.includes(name)))
      .map(([name]) => name),
  )
  if (out.size === 0) return null
  for (const [name, definition] of parts.flatMap((part) => Object.entries(part))) {
    if (out.has(String(askedBy(definition)))) out.add(name)
  }
  const without = (part: Functions): Functions =>
    Object.fromEntries(Object.entries(part).filter(([key]) => !out.has(key)))
  return { functions: Array.isArray(functions) ? parts.map(without) : without(parts[0] ?? {}), leftOut: [...out] }
}

function queryOf(definition: unknown): unknown {
  const events = isObject(definition) && Array.isArray(definition.events) ? definition.events : []
  return events.find((event) => isObject(event) && 'query' in event)?.query ?? null
}

/** The query that a function asks, by its key. */
function askedBy(definition: unknown): unknown {
  const asks = isObject(definition) ? definition.asks : undefined
  return isObject(asks) ? asks.query : asks
}

const isOptional = (definition: unknown): boolean => {
  const query = queryOf(definition)
  return isObject(query) && String(query.optional) === 'true'
}
