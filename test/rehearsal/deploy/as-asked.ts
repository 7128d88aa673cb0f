// Whether a stack is what its template asks for: every resource is there, and every property that an API gives back.

import { expect } from 'vitest'
import type { Package } from '../variants.ts'
import type { Made } from './aws.ts'
import { resolve } from './template.ts'

/** @returns how many properties were compared */
export function expectAsAsked({ resources }: Package, made: ReadonlyMap<string, Made>): number {
  expect([...made.keys()].sort()).toEqual([...resources.keys()].map(withoutHash(made)).sort())
  let compared = 0
  for (const [logicalId, { Type, Properties }] of resources) {
    const properties = made.get(withoutHash(made)(logicalId))?.properties ?? {}
    const asked = withoutUnread(Type, Properties)
    for (const [name, value] of Object.entries(asked)) {
      expect.soft(properties[name], `${logicalId}.${name}`).toEqual(resolve(value, made))
      compared += 1
    }
  }
  return compared
}

/** A version's logical id holds a digest of its function's code and settings, which differs from one package to the next. */
const withoutHash = (made: ReadonlyMap<string, unknown>) => (logicalId: string) => {
  const name = /^(.*LambdaVersion)/.exec(logicalId)?.[1]
  if (name === undefined) return logicalId
  return [...made.keys()].find((key) => key.startsWith(name)) ?? logicalId
}

/** Without what no API gives back: where the code was uploaded to, and what moto keeps of some types. */
function withoutUnread(type: string, properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (['AWS::Lambda::Version', 'AWS::Lambda::Permission', 'AWS::S3::BucketPolicy'].includes(type)) return {}
  const unread = new Map([
    ['AWS::Lambda::Function', ['Code']],
    ['AWS::Lambda::EventInvokeConfig', ['FunctionName', 'Qualifier']],
  ]).get(type)
  return Object.fromEntries(Object.entries(properties).filter(([name]) => unread?.includes(name) !== true))
}
