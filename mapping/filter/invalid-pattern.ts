// How a pattern is refused: Lambda's own words first, then which filter and which path in it, then event-ruler's words.

import { LocalError } from '../error.ts'

/** Where in the filters the compiler is. */
export interface Place {
  /** `filterPatterns[1]` */
  readonly filter: string
  readonly path: readonly string[]
}

export const below = (place: Place, key: string): Place => ({ ...place, path: [...place.path, key] })

/** @example throw invalidPattern(place, 'Empty arrays are not allowed') */
export function invalidPattern({ filter, path }: Place, message: string): LocalError {
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`
  return new LocalError('SETTINGS_INVALID', `${filter}: Invalid filter pattern definition${where}: ${message}.`)
}
