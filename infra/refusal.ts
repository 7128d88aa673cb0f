// The one error of this folder: what a deployment refuses, in words for the person who wrote its serverless.yml. The plugin shows
// the words alone; any other error is a defect and comes with its stack.

import type { ZodError } from 'zod'

/** @example throw new Refusal('functions.bars: one query to a function.') */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** What a form does not take, each with its place. @example 'topic: expected the name of a topic; partitions: expected a number' */
export const problemsOf = ({ issues }: Pick<ZodError, 'issues'>): string =>
  issues.map(({ path, message }) => [...path, message].join(': ')).join('; ')
