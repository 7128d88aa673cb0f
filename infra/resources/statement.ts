// A statement of a role's policy. Its Sid names what it is for; the table of docs/iam.md gives each Sid a reason.

import type { Intrinsic } from '../names.ts'

export type Target = string | Intrinsic

export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly Target[]
  readonly Condition?: object
}

/**
 * Statements of one Sid as one, with the actions of all: what the mapping and the code of a function do alike.
 * @throws TypeError where they are on other things
 */
export function merged(statements: readonly Statement[]): readonly Statement[] {
  const bySid = new Map<string, Statement>()
  for (const statement of statements) {
    const before = bySid.get(statement.Sid)
    if (before !== undefined && JSON.stringify(before.Resource) !== JSON.stringify(statement.Resource))
      throw new TypeError(`Two statements ${statement.Sid} are on other things.`)
    const Action = Array.from(new Set([...(before?.Action ?? []), ...statement.Action]))
    bySid.set(statement.Sid, { ...statement, Action })
  }
  return [...bySid.values()]
}

export const allow = (Sid: string, Action: readonly string[], Resource: readonly Target[]): Statement => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
})
