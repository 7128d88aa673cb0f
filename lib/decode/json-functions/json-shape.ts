// Spark's json_array_length and json_object_keys: the outermost list or object of a text.

import { readObject } from '../../types/text/lenient-json.ts'
import { lenientElements } from '../../types/text/lenient-parts.ts'
import { firstValue } from './first-value.ts'

/** How many elements a text's list has; null where it is none. @example jsonArrayLength('[1,2,3]') // 3 */
export function jsonArrayLength(json: string | null): number | null {
  const source = firstValue(json)
  if (source?.startsWith('[') !== true) return null
  let length = 0
  lenientElements(source, () => {
    length += 1
    return true
  })
  return length
}

/** The names of a text's object, equal ones as often as they are there; null where it is none. @example jsonObjectKeys('{"a":1}') // ['a'] */
export function jsonObjectKeys(json: string | null): readonly string[] | null {
  const source = firstValue(json)
  if (source?.startsWith('{') !== true) return null
  const names: string[] = []
  readObject(source, (name) => names.push(name))
  return names
}
