// The one error of this folder: what a deployment refuses, in words for the person who wrote its serverless.yml. The plugin shows
// the words alone; any other error is a defect and comes with its stack.

/** @example throw new Refusal('functions.bars: one query to a function.') */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}
