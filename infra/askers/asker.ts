// The functions that ask a query of the service for its groups (docs/query-state.md): `asks: bars`. Each is told of the query's state, and
// may read it; nothing of Kafka concerns it.

import * as z from 'zod'
import { flag } from '../flag.ts'
import type { GivenFunction } from '../functions.ts'
import type { Service } from '../names.ts'
import { functionName, type Query } from '../queries.ts'
import { problemsOf, Refusal } from '../refusal.ts'

const Asks = z.preprocess(
  (value) => (typeof value === 'string' ? { query: value } : value),
  z.strictObject({
    /** The key of the function whose query is asked. */
    query: z.string(),
    /** Whether its events, an address for one, are deployed. On a laptop they are there in any case. */
    public: flag.default(true),
  }),
)

export interface Asker {
  /** The function's key in serverless.yml. */
  readonly name: string
  /** The function's name on AWS. */
  readonly functionName: string
  readonly query: Query
  readonly isPublic: boolean
}

/**
 * @throws Refusal naming the function and what is wrong
 * @example readAskers([{ key: 'barsApi', asks: 'bars', … }], { service: 'shop', stage: 'dev' }, queries)[0]?.query.name // 'bars'
 */
export function readAskers(
  functions: readonly GivenFunction[],
  service: Service,
  queries: readonly Query[],
): readonly Asker[] {
  return functions.flatMap(({ key, name, asks, queries: own, produces }) => {
    if (asks === undefined) return []
    const refuse = (problem: string): never => {
      throw new Refusal(`functions.${key}: ${problem}`)
    }
    if (own.length > 0 || produces !== undefined) {
      refuse('a function asks a query, or runs one, or produces, each with a role of its own. Make it two.')
    }
    const result = Asks.safeParse(asks)
    if (!result.success) {
      return refuse(`asks: expected the key of a query's function, or { query, public }: ${problemsOf(result.error)}`)
    }
    const query = queries.find((other) => other.name === result.data.query)
    if (query?.state === true) {
      return [{ name: key, functionName: functionName(service, key, name), query, isPublic: result.data.public }]
    }
    const known = new Set(queries.filter(({ state }) => state).map((other) => other.name))
    const choice = known.size === 0 ? 'none' : [...known].join(', ')
    return refuse(`asks names "${result.data.query}", and the queries with state of this service are ${choice}.`)
  })
}
