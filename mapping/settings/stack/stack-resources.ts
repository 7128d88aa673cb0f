// What `resources` of serverless.yml says about Kafka mappings: plain AWS::Lambda::EventSourceMapping resources, and
// `extensions` of those that osls makes of events. The function of a plain one is found as CloudFormation would find it.

import { z } from 'zod'
import { LocalError } from '../../error.ts'
import { type FoundResource, lambdaLogicalId } from '../mapping-events.ts'
import { referencePrefix } from '../on-failure.ts'
import { nameIn, textOf } from './stack-text.ts'

/** Empty, or of another shape, where somebody left one unfinished: that is osls's to refuse, and hides no other resource. */
const properties = z.record(z.string(), z.unknown()).optional().catch(undefined)

const resources = z.looseObject({
  extensions: z
    .record(z.string(), z.looseObject({ Properties: properties }).catch({ Properties: undefined }))
    .optional(),
  Resources: z
    .record(
      z.string(),
      z.looseObject({ Type: z.unknown().optional(), Properties: properties }).catch({ Properties: undefined }),
    )
    .optional(),
})

/** How osls names the mappings of events. */
const ofKafka = /EventSourceMapping(MSK|Kafka)/

const namesOf = (found: readonly FoundResource[]): string =>
  found.map(({ logicalId }) => logicalId).join(', ') || 'no Kafka mappings'

/** A function by its key, and by its name on AWS. */
export interface NamedFunction {
  readonly key: string
  readonly name: string
}

/**
 * The mappings of events with their overrides merged in and their extensions laid over, and those of plain resources.
 *
 * @param value `serverless.service.resources`, merged
 * @throws LocalError SETTINGS_INVALID for an extension of a mapping, or a function of a resource, that does not exist
 * @example withStackResources(fromEvents, serverless.service.resources, [{ key: 'bars', name: 'demo-dev-bars' }])
 */
export function withStackResources(
  fromEvents: readonly FoundResource[],
  value: unknown,
  functions: readonly NamedFunction[],
): readonly FoundResource[] {
  // osls checks the shape of resources itself; what does not parse here contains no mapping.
  const parsed = resources.safeParse(value ?? {})
  if (!parsed.success) return fromEvents
  const extensions = new Map(Object.entries(parsed.data.extensions ?? {}))
  const declared = parsed.data.Resources ?? {}
  const overridden = fromEvents.map((found) => withOverride(found, declared[found.logicalId]?.Properties))
  const found = [...overridden, ...plainMappings(declared, functions, fromEvents)]
  for (const name of extensions.keys())
    if (ofKafka.test(name) && !found.some(({ logicalId }) => logicalId === name))
      throw new LocalError(
        'SETTINGS_INVALID',
        `resources.extensions.${name}: Cannot extend "${name}" resource, as it's not found in generated stack; there are ` +
          `${namesOf(found)}.`,
      )
  return found.map((resource) => {
    const extension = extensions.get(resource.logicalId)
    if (extension?.Properties === undefined) return resource
    return {
      ...resource,
      where: `${resource.where} with resources.extensions.${resource.logicalId}`,
      // osls lays one over the other property by property, not deeper.
      properties: { ...resource.properties, ...extension.Properties },
    }
  })
}

/** A resource under the logical id of an event's mapping is merged into it, deeply, as osls does. */
function withOverride(found: FoundResource, properties: Record<string, unknown> | undefined): FoundResource {
  if (properties === undefined) return found
  return {
    ...found,
    where: `${found.where} with resources.Resources.${found.logicalId}`,
    properties: merged(found.properties, properties),
  }
}

function plainMappings(
  declared: Readonly<
    Record<string, { readonly Type?: unknown; readonly Properties?: Record<string, unknown> | undefined }>
  >,
  functions: readonly NamedFunction[],
  fromEvents: readonly FoundResource[],
): FoundResource[] {
  return Object.entries(declared).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type !== 'AWS::Lambda::EventSourceMapping' || Properties === undefined) return []
    if (fromEvents.some((found) => found.logicalId === logicalId)) return []
    const where = `resources.Resources.${logicalId}`
    // Topics is what sets a Kafka mapping apart from one of SQS, Kinesis or DynamoDB.
    if (!('Topics' in Properties)) {
      if (!ofKafka.test(logicalId)) return []
      throw new LocalError(
        'SETTINGS_INVALID',
        `${where} overrides no mapping that an event makes; there are ${namesOf(fromEvents)}. A mapping of its own ` +
          'needs FunctionName and Topics.',
      )
    }
    const functionKey = functionOf(Properties.FunctionName, functions)
    if (functionKey === undefined)
      throw new LocalError(
        'SETTINGS_INVALID',
        `${where}.FunctionName ${JSON.stringify(Properties.FunctionName)} is none of this service's functions: ` +
          `${functions.map(({ key }) => key).join(', ')}.`,
      )
    return [{ logicalId, functionKey, where, properties: Properties }]
  })
}

/**
 * `{ Ref: BarsLambdaFunction }`, `{ 'Fn::GetAtt': [BarsLambdaFunction, Arn] }`, `{ 'Fn::Sub': '${BarsLambdaFunction.Arn}' }`, an
 * ARN with or without a version, a name.
 */
function functionOf(reference: unknown, functions: readonly NamedFunction[]): string | undefined {
  if (typeof reference === 'string') {
    const name = /^arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(reference)?.[1] ?? reference.split(':')[0]
    return functions.find((candidate) => candidate.name === name)?.key
  }
  const words = new Set(JSON.stringify(reference ?? null).match(/[A-Za-z0-9]+/g))
  return functions.find(({ key }) => words.has(lambdaLogicalId(key)))?.key
}

/**
 * The ARN that a reference to a queue, topic or bucket stands for, by the name it is given in the same stack. A text stays as it
 * is; what only CloudFormation can fill in is `reference:` and the reference.
 *
 * @throws LocalError SETTINGS_INVALID for a resource of the stack of another kind
 * @example arnOf({ 'Fn::GetAtt': ['Failed', 'Arn'] }, resources, 'eu-west-1') // 'arn:aws:sqs:eu-west-1:000000000000:Failed'
 */
export function arnOf(reference: unknown, value: unknown, region: string): string {
  const parsed = resources.safeParse(value ?? {})
  const declared = new Map(Object.entries(parsed.success ? (parsed.data.Resources ?? {}) : {}))
  const text = textOf(reference, { declared, region })
  if (text !== undefined) return text
  const isDirect = Object.keys(reference ?? {}).some((key) => key === 'Ref' || key === 'Fn::GetAtt')
  const type = isDirect ? declared.get(nameIn(reference))?.Type : undefined
  if (type === undefined) return `${referencePrefix}${JSON.stringify(reference)}`
  throw new LocalError(
    'SETTINGS_INVALID',
    `the on-failure destination ${JSON.stringify(reference)} is not the ARN of a queue, a topic or a bucket: ` +
      `${nameIn(reference)} is of type ${String(type)}.`,
  )
}

type Properties = Readonly<Record<string, unknown>>

const isPlain = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * One part of a template merged into another as osls merges `resources` into its own (lib/utils/merge-plain-objects.js): objects key by
 * key, lists place by place, anything else replaced.
 * @example merged({ Filters: { a: 1 }, Topics: ['x'] }, { Filters: { b: 2 }, BatchSize: 5 }) // { Filters: { a: 1, b: 2 }, Topics: ['x'], BatchSize: 5 }
 */
export function merged(target: Properties, source: Properties): Properties {
  const entries = Object.entries(source).filter(([, value]) => value !== undefined)
  return { ...target, ...Object.fromEntries(entries.map(([key, value]) => [key, mergedValue(target[key], value)])) }
}

function mergedValue(target: unknown, source: unknown): unknown {
  if (isPlain(target) && isPlain(source)) return merged(target, source)
  if (!Array.isArray(target) || !Array.isArray(source)) return source
  return [...source.map((value: unknown, index) => mergedValue(target[index], value)), ...target.slice(source.length)]
}
