// One AWS::Lambda::EventSourceMapping resource, checked as AWS checks it: its fields, then the rules between them, then what is
// not reproduced here. Events of serverless.yml come here as the resource osls makes of them.

import { LocalError } from '../error.ts'
import { issuesText } from './issues-text.ts'
import { type MappingResource, mappingResource } from './mapping-resource.ts'
import { brokenRule, unsupportedFeature } from './mapping-rules.ts'

/**
 * @param where the place in serverless.yml, for messages
 * @param nowMs to refuse a starting timestamp in the future, as AWS does
 * @throws LocalError SETTINGS_INVALID where AWS would refuse it; SETTINGS_UNSUPPORTED for what is not reproduced
 * @example readResource({ Topics: ['ticks'], StartingPosition: 'LATEST', … }, 'resources.Resources.Bars', Date.now())
 */
export function readResource(properties: unknown, where: string, nowMs: number): MappingResource {
  const parsed = mappingResource.safeParse(properties)
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `${where}: ${issuesText(parsed.error)}`)
  const broken = brokenRule(parsed.data, nowMs)
  if (broken !== undefined) throw new LocalError('SETTINGS_INVALID', `${where}: ${broken}`)
  const unsupported = unsupportedFeature(parsed.data)
  if (unsupported !== undefined) throw new LocalError('SETTINGS_UNSUPPORTED', `${where}: ${unsupported}`)
  return parsed.data
}
