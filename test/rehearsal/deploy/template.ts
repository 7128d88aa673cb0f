// What CloudFormation makes of a template's intrinsic functions, for those that this project's templates use, so that what was
// asked for can be held beside what is there.

import type { Made } from './aws.ts'

const account = '123456789012'
const region = 'us-east-1'
const pseudo = new Map([
  ['AWS::AccountId', account],
  ['AWS::Partition', 'aws'],
  ['AWS::Region', region],
  ['AWS::URLSuffix', 'amazonaws.com'],
])

/** @throws Error for a reference to what is not there, and for an intrinsic function that is not known here */
export function resolve(value: unknown, made: ReadonlyMap<string, Made>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, made))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first !== undefined && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) {
    return intrinsic(first[0], first[1], made)
  }
  return Object.fromEntries(entries.map(([name, part]) => [name, resolve(part, made)]))
}

/** The logical ids that a value refers to, by Ref or Fn::GetAtt. */
export const referencesOf = (value: unknown): readonly string[] =>
  Array.from(JSON.stringify(value).matchAll(/"(?:Ref":|Fn::GetAtt":\[)"(\w+)"/g), ([, logicalId = '']) => logicalId)

function intrinsic(name: string, argument: unknown, made: ReadonlyMap<string, Made>): unknown {
  const resource = (logicalId: unknown): Made => {
    const found = made.get(String(logicalId))
    if (found === undefined) throw new Error(`the stack has no ${String(logicalId)}`)
    return found
  }
  const attributeOf = (logicalId: unknown, attribute: unknown): string => {
    const value = resource(logicalId).attributes[String(attribute)]
    if (value === undefined) throw new Error(`${String(logicalId)}.${String(attribute)} was not read back`)
    return value
  }
  const list = Array.isArray(argument) ? argument : []
  switch (name) {
    case 'Ref':
      return pseudo.get(String(argument)) ?? resource(argument).id
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = typeof argument === 'string' ? argument.split('.') : list
      return attributeOf(logicalId, attribute)
    }
    case 'Fn::Join':
      return (resolve(list[1], made) as readonly unknown[]).join(String(list[0]))
    case 'Fn::Sub':
      return String(argument).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
        const [logicalId, attribute] = name.split('.')
        return pseudo.get(name) ?? (attribute === undefined ? resource(name).id : attributeOf(logicalId, attribute))
      })
    default:
      throw new Error(`${name} is not known to this rehearsal`)
  }
}
