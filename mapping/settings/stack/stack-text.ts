// What a reference of CloudFormation comes to as text, as far as that is known before anything is made: by the names that
// resources are given, or their logical ids. Imports, conditions and parameters are known to CloudFormation alone.

import { z } from 'zod'

export interface DeclaredResource {
  readonly Type?: unknown
  readonly Properties?: Readonly<Record<string, unknown>> | undefined
}

/** Where the references of a stack are looked up: its resources by logical id, and its region. */
export interface Stack {
  readonly declared: ReadonlyMap<string, DeclaredResource>
  readonly region: string
}

const account = '000000000000'

/** What Ref gives (CloudFormation template reference, "Return values" of each type) is not the ARN of all of them. */
const services = new Map([
  [
    'AWS::SQS::Queue',
    {
      arn: 'sqs',
      nameProperty: 'QueueName',
      ref: (region: string) => `https://sqs.${region}.amazonaws.com/${account}/`,
    },
  ],
  ['AWS::SNS::Topic', { arn: 'sns', nameProperty: 'TopicName', ref: (region: string) => arnPrefix('sns', region) }],
  ['AWS::S3::Bucket', { arn: 's3', nameProperty: 'BucketName', ref: () => '' }],
])

const arnPrefix = (service: string, region: string): string =>
  service === 's3' ? 'arn:aws:s3:::' : `arn:aws:${service}:${region}:${account}:`

const intrinsic = z.union([
  z.strictObject({ Ref: z.string() }).transform(({ Ref }) => ({ kind: 'ref', id: Ref }) as const),
  z
    .strictObject({
      'Fn::GetAtt': z.union([
        z.tuple([z.string(), z.string()]),
        z
          .string()
          .regex(/^[^.]+\..+$/)
          .transform((path) => [path.slice(0, path.indexOf('.')), path.slice(path.indexOf('.') + 1)] as const),
      ]),
    })
    .transform(({ 'Fn::GetAtt': [id, attribute] }) => ({ kind: 'attribute', id, attribute }) as const),
  z
    .strictObject({
      'Fn::Sub': z.union([
        z.string().transform((text) => [text, {}] as const),
        z.tuple([z.string(), z.record(z.string(), z.unknown())]),
      ]),
    })
    .transform(({ 'Fn::Sub': [text, variables] }) => ({ kind: 'sub', text, variables }) as const),
  z
    .strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) })
    .transform(({ 'Fn::Join': [separator, parts] }) => ({ kind: 'join', separator, parts }) as const),
])

/**
 * @returns undefined for what is not known here; within a longer text the name of such a part stands for it
 * @example textOf({ 'Fn::Sub': 'arn:aws:s3:::${Failed}' }, stack) // 'arn:aws:s3:::failed-batches', as the bucket is named
 */
export function textOf(value: unknown, stack: Stack): string | undefined {
  if (typeof value === 'string') return value
  const parsed = intrinsic.safeParse(value)
  if (!parsed.success) return undefined
  const it = parsed.data
  const part = (of: unknown): string => textOf(of, stack) ?? nameIn(of)
  switch (it.kind) {
    case 'ref':
      return refOf(it.id, stack)
    case 'attribute':
      return attributeOf(it.id, it.attribute, stack)
    case 'join':
      return it.parts.map(part).join(it.separator)
    case 'sub': {
      const variables = new Map(Object.entries(it.variables))
      const whole = /^\$\{([^!][^}]*)\}$/.exec(it.text)?.[1]
      if (whole !== undefined) return textOf(variables.get(whole) ?? reference(whole), stack)
      return it.text.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) =>
        literal === '' ? part(variables.get(name) ?? reference(name)) : `\${${name}}`,
      )
    }
  }
}

const reference = (name: string) => (name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name })

/** The first resource, parameter or export that a reference names: what stands for it where nothing else is known. */
export function nameIn(value: unknown): string {
  const names = JSON.stringify(value ?? null).match(/:\s*\[?\s*"(?:AWS::)?([A-Za-z0-9-]+)/)
  return names?.[1] ?? 'unknown'
}

function refOf(id: string, stack: Stack): string | undefined {
  const { region } = stack
  if (id === 'AWS::Region') return region
  if (id === 'AWS::AccountId') return account
  if (id === 'AWS::Partition') return 'aws'
  const found = resourceNamed(id, stack)
  return found === undefined ? undefined : `${found.service.ref(region)}${found.name}`
}

function attributeOf(id: string, attribute: string, stack: Stack): string | undefined {
  const found = resourceNamed(id, stack)
  if (found === undefined) return undefined
  if (attribute === found.service.nameProperty) return found.name
  return /^(Topic)?Arn$/.test(attribute) ? `${arnPrefix(found.service.arn, stack.region)}${found.name}` : undefined
}

function resourceNamed(id: string, { declared, region }: Stack) {
  const resource = declared.get(id)
  const service = services.get(String(resource?.Type))
  if (service === undefined) return undefined
  // A name that refers to its own resource has no end; CloudFormation refuses it.
  const others = new Map(declared)
  others.delete(id)
  return { service, name: textOf(resource?.Properties?.[service.nameProperty], { declared: others, region }) ?? id }
}
