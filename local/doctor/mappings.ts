// The Kafka mappings of serverless.yml, checked as AWS would check them when they are made. The rules are the mapping's own
// (mapping/): what is refused here is refused by start, and by AWS.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import {
  type MappingSettings,
  readSettings,
  type ServiceDefinition,
} from 'serverless-offline-kafka-mapping/internal/settings/settings'
import type { Finding } from './finding.ts'

export interface MappingsCheck {
  readonly findings: readonly Finding[]
  /** The brokers that enabled mappings name, each once. */
  readonly brokers: readonly string[]
}

/** @example checkMappings({ service: 'demo', stage: 'dev', region: 'eu-west-1', functions }, Date.now()).findings */
export function checkMappings(definition: ServiceDefinition, nowMs: number): MappingsCheck {
  try {
    const mappings = readSettings(definition, nowMs)
    const brokers = mappings.filter(({ enabled }) => enabled).flatMap(({ bootstrapServers }) => bootstrapServers)
    return { findings: mappings.length === 0 ? [none] : mappings.map(found), brokers: [...new Set(brokers)] }
  } catch (error) {
    if (!(error instanceof LocalError)) throw error
    const remedy = 'correct serverless.yml; start and AWS refuse it as it is'
    return { findings: [{ level: 'problem', subject: 'mappings', says: error.message, remedy }], brokers: [] }
  }
}

const none: Finding = {
  level: 'warning',
  subject: 'mappings',
  says: 'no function has a Kafka event: nothing is consumed',
}

function found({ functionKey, topic, batchSize, windowMs, startingPosition, enabled }: MappingSettings): Finding {
  const subject = `mapping ${functionKey}`
  if (!enabled) return { level: 'warning', subject, says: `of ${topic}, is not enabled` }
  return {
    level: 'ok',
    subject,
    says: `${topic}: ${batchSize} records or ${windowMs} ms; from the group's commits, else ${startingPosition.kind}`,
  }
}
