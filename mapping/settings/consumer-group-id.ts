// The consumer groups of a service's mappings: those that are given, and those that are made up, each of one mapping only.

import { createHash } from 'node:crypto'
import { LocalError } from '../error.ts'
import * as limits from './limits.ts'

/**
 * AWS takes the mapping's UUID; a laptop wants one that the next start finds again, so that commits are not lost. A function's
 * second mapping of the same topic gets a number, by its place in serverless.yml.
 * @example generatedGroupIds({ service: 'demo', stage: 'dev', … })('bars', 'stock-ticks') // 'demo-dev-bars-stock-ticks'
 */
export function generatedGroupIds({
  service,
  stage,
}: {
  readonly service: string
  readonly stage: string
}): (functionKey: string, topic: string) => string {
  const counts = new Map<string, number>()
  return (functionKey, topic) => {
    const id = within200([service, stage, functionKey, topic].join('-').replace(/[^a-zA-Z0-9\-/*:_+=.@]/g, '_'))
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    return count === 1 ? id : within200(`${id}-${count}`)
  }
}

function within200(id: string): string {
  if (id.length <= limits.consumerGroupId.maxLength) return id
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 16)
  return `${id.slice(0, limits.consumerGroupId.maxLength - digest.length - 1)}-${digest}`
}

/** "Must be unique among all your Kafka event sources" (developer guide, "Customizable consumer group ID"). */
export function refuseSharedGroups(
  mappings: ReadonlyArray<{ readonly consumerGroupId: string; readonly where: string }>,
): void {
  const owners = new Map<string, string>()
  for (const { consumerGroupId, where } of mappings) {
    const owner = owners.get(consumerGroupId)
    if (owner !== undefined)
      throw new LocalError(
        'SETTINGS_INVALID',
        `${owner} and ${where} have the consumer group "${consumerGroupId}": give one of them a consumerGroupId of its own, ` +
          'it must be unique among all mappings, also of different clusters.',
      )
    owners.set(consumerGroupId, where)
  }
}
