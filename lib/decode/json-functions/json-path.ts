// A path into JSON as Spark's get_json_object takes it: names, places in a list, all places of a list.

import { MicrobatchError } from '../../error.ts'

export type PathStep =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }

/**
 * @throws MicrobatchError QUERY_INVALID for a text that is none: Spark would answer null to every row
 * @example parsePath("$.data[0]['symbol']")
 */
export function parsePath(path: string): readonly PathStep[] {
  const steps: PathStep[] = []
  step.lastIndex = 1
  for (;;) {
    if (!path.startsWith('$')) break
    if (step.lastIndex === path.length) return steps
    const found = step.exec(path)
    if (found === null) break
    const [, name, quoted, index] = found
    if (index !== undefined) steps.push({ kind: 'index', index: Number(index) })
    else if (name === undefined && quoted === undefined) steps.push({ kind: 'all' })
    // Spark reads a star in the place of a name, and finds nothing by it.
    else if (name === '*' || quoted === '*') break
    else steps.push({ kind: 'name', name: name ?? quoted ?? '' })
  }
  throw new MicrobatchError(
    'QUERY_INVALID',
    `getJsonObject: ${JSON.stringify(path)} is no path: it begins with $, and has .name, ['name'], [0] or [*] after it.`,
  )
}

const step = /\.([^.[]+)|\['([^'?]+)'\]|\[(\d+)\]|\[\*\]/y
