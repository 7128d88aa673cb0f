// The value that a text begins with, as Spark's functions of JSON texts read it: with single quotes, and without the words that are no
// numbers of JSON.

import { blankEnd, valueEnd } from '../../types/text/lenient-json.ts'

/** @returns undefined where the text does not begin with a whole value */
export function firstValue(json: string | null): string | undefined {
  if (json === null) return undefined
  const start = blankEnd(json, 0)
  const end = valueEnd(json, start, 0)
  if (end < 0) return undefined
  const source = json.slice(start, end)
  return hasWord.test(source) && hasWord.test(source.replace(texts, '')) ? undefined : source
}

const hasWord = /NaN|INF|Infinity/
const texts = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs
