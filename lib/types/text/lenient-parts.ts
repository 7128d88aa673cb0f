// The elements of a list in the JSON that Spark reads, each as it is written.

import { blankEnd, valueEnd } from './lenient-json.ts'

/**
 * @param list a list that `readObject` gave as a value, so that nothing is checked here
 * @param onElement gives false to end it
 * @returns false where it was ended
 * @example lenientElements("[1.50, 'a', NaN]", (source) => …) // '1.50', "'a'", 'NaN'
 */
export function lenientElements(list: string, onElement: (source: string) => boolean): boolean {
  let at = blankEnd(list, 1)
  while (list[at] !== ']') {
    const end = valueEnd(list, at, 0)
    if (!onElement(list.slice(at, end))) return false
    at = blankEnd(list, end)
    if (list[at] === ',') at = blankEnd(list, at + 1)
  }
  return true
}
