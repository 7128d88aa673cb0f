// Which part of a query's state is a table to ask.

import { MicrobatchError } from '../../error.ts'
import { compileKept } from '../aggregation/kept-operators.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { keptGroups } from './kept-groups.ts'
import { chainKeyOf, keptSessions } from './kept-sessions.ts'
import type { KeptTable } from './kept-table.ts'

/** @throws MicrobatchError CONFIG_INVALID naming the operator whose state is no table */
export function compileKeptTable({
  name,
  plan,
  outputMode,
  evolve,
}: Pick<StreamingQuery, 'name' | 'plan' | 'outputMode' | 'evolve'>): KeptTable {
  const { aggregation, stages } = plan
  const last = stages.at(-1)?.step
  if (aggregation === null && last === undefined) throw refused(name, 'keeps no state')
  const kept = compileKept(plan, outputMode, evolve)
  if (aggregation !== null && kept.grouping !== null) return keptGroups(aggregation, kept.grouping)
  if (last?.kind === 'sessionAggregate' && kept.chain !== null) {
    const chain = kept.chain.operators(null)
    return keptSessions(last, chain, chainKeyOf(chain))
  }
  throw refused(name, `keeps what ${last?.kind} needs, and no groups`)
}

const refused = (name: string, why: string): MicrobatchError =>
  new MicrobatchError(
    'CONFIG_INVALID',
    `${name} ${why}, so there is no table to ask. Ask a query that ends with groupBy(…).agg(…); or give the rows to a sink ` +
      'that keeps the newest of each key, and ask that.',
  )
