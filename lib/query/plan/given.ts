// What callers give whose types are not checked: it is refused in words where it is given, and not by a TypeError of whoever looks into
// it first.

import { refuse } from '../../error.ts'
import { valueText } from '../../types/text/value-text.ts'

/** @example requireFunction(plan, 'where', predicate) @throws MicrobatchError QUERY_INVALID */
export function requireFunction({ name }: { readonly name: string }, what: string, given: unknown): void {
  if (typeof given !== 'function')
    refuse(`${name}: ${what} takes a function of the row, and was given ${valueText(given)}.`)
}

/** Something that says what it is by its `kind`. */
export const hasKind = (given: unknown): given is { readonly kind: string } =>
  typeof given === 'object' && given !== null && 'kind' in given && typeof given.kind === 'string'
