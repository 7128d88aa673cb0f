// What `resources` of serverless.yml says about event source mappings beyond their events: retry limits, record age, bisect,
// partial responses, schema registries. None is reproduced yet, so each is refused by name: a mapping that passed over
// ReportBatchItemFailures would commit records that the function said had failed.

import { z } from 'zod'
import { LocalError } from '../error.ts'

const resources = z.looseObject({
  extensions: z
    .record(z.string(), z.looseObject({ Properties: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
  Resources: z
    .record(z.string(), z.looseObject({ Type: z.unknown(), Properties: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
})

/** What only costs or shows: nothing in it changes which records the function gets. */
const withoutEffectHere = new Set(['ProvisionedPollerConfig', 'MetricsConfig', 'LoggingConfig', 'Tags', 'KmsKeyArn'])

/**
 * @param value `serverless.service.resources`, merged
 * @throws LocalError SETTINGS_UNSUPPORTED naming the resource and the property
 * @example refuseExtensions(serverless.service.resources)
 */
export function refuseExtensions(value: unknown): void {
  // osls checks the shape of resources itself; what does not parse here holds no mapping.
  const parsed = resources.safeParse(value ?? {})
  if (!parsed.success) return
  for (const [name, { Properties }] of Object.entries(parsed.data.extensions ?? {})) {
    // The names osls gives: <Function>EventSourceMappingMSK<Cluster><Topic>, <Function>EventSourceMappingKafka<Topic>.
    if (!/EventSourceMapping(MSK|Kafka)/.test(name)) continue
    const property = Object.keys(Properties ?? {}).find((key) => !withoutEffectHere.has(key))
    if (property !== undefined) throw unsupported(`resources.extensions.${name}.Properties.${property}`)
  }
  for (const [name, { Type, Properties }] of Object.entries(parsed.data.Resources ?? {}))
    if (Type === 'AWS::Lambda::EventSourceMapping' && Properties !== undefined && 'Topics' in Properties)
      throw unsupported(`resources.Resources.${name}`)
}

const unsupported = (where: string): LocalError =>
  new LocalError('SETTINGS_UNSUPPORTED', `${where} is not reproduced locally yet; take it out to run.`)
