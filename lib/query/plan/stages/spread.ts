// What a query's operators say about how its state may be spread: over shards by the hash of a key, or by the partitions of a topic
// that is keyed by a column.

import { MicrobatchError, refuse } from '../../../error.ts'
import { type Plan, type RowOperator, replaces } from '../plan.ts'
import type { StageStep } from './stage.ts'

/**
 * With keyedBy the rows of a partition are by themselves, so no operator may look at rows of two: each must tell its rows apart by the
 * declared column, as it was decoded.
 * @throws MicrobatchError QUERY_INVALID
 */
export function checkKeyed({ name, source, operators, stages, aggregation }: Plan): void {
  if (source.kind !== 'kafka' || source.keyedBy === null) return
  const column = source.keyedBy
  const declared = `${name}: readKafka declares keyedBy: "${column}"`
  const demand = (what: string, keys: readonly string[], before: readonly RowOperator[]): void => {
    const replacing = before.find((operator) => replaces(operator, column))
    if (keys.includes(column) && replacing === undefined) return
    const instead = replacing === undefined ? '' : `, and ${replacing.kind} puts something else under its name`
    refuse(`${declared}, so ${what} must be by this column${instead}. ${remedyOf(what)}`)
  }
  let before: readonly RowOperator[] = operators
  for (const { step, following } of stages) {
    if (step.kind === 'limit') {
      refuse(`${declared}, so no operator sees the rows of all partitions, and limit counts them. Leave keyedBy out.`)
    }
    demand(wordOf(step), keysOf(step), before)
    before = [...before, ...following]
  }
  if (aggregation !== null) demand('groups', aggregation.keys, before)
}

const wordOf = (step: StageStep): string =>
  step.kind === 'aggregate' || step.kind === 'sessionAggregate' ? 'groups' : step.kind
const remedyOf = (what: string): string =>
  what === 'groups' ? 'Group by it, or leave keyedBy out.' : 'Add it to its columns, or leave keyedBy out.'

/** The columns that an operator tells rows apart by. */
function keysOf(step: StageStep): readonly string[] {
  switch (step.kind) {
    case 'dropDuplicates':
      return step.columns
    case 'aggregate':
    case 'sessionAggregate':
      return step.aggregation.keys
    case 'join':
      return step.pairs.map(([left]) => left)
    case 'transformWithState':
      return step.keys
    case 'limit':
      return []
  }
}

/**
 * A row goes through all stateful operators in one shard, and hashed shards are by the key of the first: another operator would not
 * find its own rows there.
 * @throws MicrobatchError CONFIG_INVALID
 */
export function checkShards({ name, stages, aggregation }: Plan, shards: number): void {
  if (shards === 1 || stages.length === 0) return
  const isLimited = stages.some(({ step }) => step.kind === 'limit')
  if (stages.length === 1 && aggregation === null && !isLimited) return
  const why = isLimited ? 'limit counts the rows of all shards' : 'several stateful operators follow each other'
  throw new MicrobatchError(
    'CONFIG_INVALID',
    `${name}: ${why}, so the state takes one shard, and shards is ${shards}. Leave shards out; or key the topic by a column that ` +
      'each of them has among its own, and declare it: readKafka({ topic, keyedBy }).',
  )
}
