// Spark's get_json_object: what a path finds in a text, as text (catalyst GetJsonObject). To the letter, its oddities among them: the
// first of two equal names counts, a single hit of `[*]` stands without brackets, a text among them keeps its quotes. A raw control
// character within a text, which Spark takes here, is malformed.

import { compact, isQuoted, readObject, unquote } from '../../types/text/lenient-json.ts'
import { lenientElements } from '../../types/text/lenient-parts.ts'
import { firstValue } from './first-value.ts'
import { type PathStep, parsePath } from './json-path.ts'

/**
 * Prepares a path, once. The function it returns gives the text of what is found: strings without their quotes, all else as compact
 * JSON; null where nothing is found, or the text is no JSON. What comes after the first value of the text is not looked at.
 *
 * @throws MicrobatchError QUERY_INVALID for a text that is no path
 * @example
 * const symbol = getJsonObject('$.data[0].symbol')
 * messages.withColumn('symbol', ({ raw }) => symbol(raw), string().nullable())
 */
export function getJsonObject(path: string): (json: string | null) => string | null {
  const steps = parsePath(path)
  return (json) => {
    const source = firstValue(json)
    if (source === undefined) return null
    const { written, isFound } = evaluate(source, steps, 'raw')
    return isFound ? written.join(',') : null
  }
}

/** How a value is written: a text without quotes, or within a list, or a list by its elements. */
type Style = 'raw' | 'quoted' | 'flat'

interface Found {
  /** What was written, which may be a list of nothing where nothing was found. */
  readonly written: readonly string[]
  readonly isFound: boolean
}

const nothing: Found = { written: [], isFound: false }

function evaluate(source: string, steps: readonly PathStep[], style: Style): Found {
  const [step, ...rest] = steps
  const isList = source.startsWith('[')
  if (step === undefined) {
    if (isList && style === 'flat') return ofElements(source, [], 'flat')
    return { written: [style === 'raw' && isQuoted(source) ? unquote(source) : compact(source)], isFound: true }
  }
  if (step.kind === 'name') return source.startsWith('{') ? ofField(source, step.name, rest, style) : nothing
  if (!isList) return nothing
  if (step.kind === 'index') {
    const element = elementsOf(source)[step.index]
    const isMany = rest[0]?.kind === 'all'
    return element === undefined ? nothing : evaluate(element, rest, isMany ? 'quoted' : style)
  }
  if (rest[0]?.kind === 'all') return inBrackets(ofElements(source, rest.slice(1), 'flat'))
  if (style === 'quoted') return inBrackets(ofElements(source, rest, 'quoted'))
  const all = elementsOf(source).map((element) => evaluate(element, rest, style === 'raw' ? 'quoted' : style))
  const hits = all.filter(({ isFound }) => isFound).length
  const written = all.flatMap((found) => found.written)
  if (hits === 0) return nothing
  return { written: hits > 1 ? [`[${written.join(',')}]`] : written, isFound: true }
}

const inBrackets = ({ written, isFound }: Found): Found => ({ written: [`[${written.join(',')}]`], isFound })

function ofElements(source: string, steps: readonly PathStep[], style: Style): Found {
  const all = elementsOf(source).map((element) => evaluate(element, steps, style))
  return { written: all.flatMap(({ written }) => written), isFound: all.some(({ isFound }) => isFound) }
}

/** The first field of the name in which something is found. */
function ofField(source: string, wanted: string, steps: readonly PathStep[], style: Style): Found {
  const written: string[] = []
  let isFound = false
  readObject(source, (name, value) => {
    if (isFound || name !== wanted || value === 'null') return
    const found = evaluate(value, steps, style)
    written.push(...found.written)
    isFound = found.isFound
  })
  return { written, isFound }
}

function elementsOf(source: string): readonly string[] {
  const elements: string[] = []
  lenientElements(source, (element) => elements.push(element) > 0)
  return elements
}
