// How the operators of a file are said in the public face. The plan is not typed here, as a file's columns are known only when it is
// read: a row has any column, and what a query refuses it refuses when it is built.

import type { Stream } from '../../../lib/index.ts'
import type { Operator } from './scenario.ts'

/** A row with any column, of any type: it satisfies what the builder asks of columns. */
export type AnyRow = { readonly [column: string]: never }
export type AnyStream = Stream<AnyRow, AnyRow>

/** What an operator is applied to; null for one that a plan begins with. */
export type Given = AnyStream | null

/** @param plan translates another plan, as `join` and `union` have one; without its source it would be a circle of imports */
export type Translation = (given: Given, operator: Operator, translate: Translate) => AnyStream

export type Translate = (plan: readonly Operator[], given?: Given) => AnyStream

/** By the names of operators. */
export type Translations = Readonly<Record<string, Translation>>

/** Something of a file that nobody has said in the public face yet. */
export class NotTranslated extends Error {}

/** @throws NotTranslated where an operator has nothing to be applied to */
export function requireStream(given: Given, { op }: Operator): AnyStream {
  if (given === null) throw new NotTranslated(`${op} stands at the beginning of a plan`)
  return given
}
