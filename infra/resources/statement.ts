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

export const allow = (Sid: string, Action: readonly string[], Resource: readonly Target[]): Statement => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
})
