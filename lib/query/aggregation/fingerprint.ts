// What makes kept state readable by an aggregation, by name: its window, its keys and their types, its aggregates and the
// versions of their encodings. A function's source is no part of it: it may be rewritten or minified and mean the same.

import type { KeptForm, OwnPart } from '../../state/protocol/evolution/kept-parts.ts'
import { aggregatePart, listText, parseList } from '../../state/protocol/evolution/part-text.ts'
import type { AggregationStep } from '../plan/plan.ts'

type Versions = ReadonlyMap<string, number>

export function fingerprintOf(step: AggregationStep, versions: Versions): Readonly<Record<string, string>> {
  const { window, keys, input, finalBy } = step
  return {
    window: window === null ? 'none' : `${window.column} ${window.sizeMs}/${window.slideMs}+${window.startMs} ms`,
    keys: keys.map((name) => typed(name, input)).join(', '),
    // Groups that end and groups that never do lie under different keys.
    finalBy: finalBy ?? 'none',
    aggregates: listText(partsOf(step, versions)),
  }
}

const typed = (name: string, input: AggregationStep['input']): string => `${name} ${input.get(name)?.type.name ?? ''}`

/** The aggregates as parts of what a group keeps. What functions of the row make is known by the name alone. */
function partsOf({ input, aggregates }: AggregationStep, versions: Versions): readonly OwnPart[] {
  const text = (argument: unknown): string =>
    typeof argument === 'string' ? typed(argument, input) : String(argument && 'fn')
  return Object.entries(aggregates).map(([name, aggregate]) => {
    const version = versions.get(name) === 1 ? '' : ` v${versions.get(name)}`
    const { kind } = aggregate
    if (aggregate.kind === 'custom') return { name, form: kind + version, isKnownByName: true }
    const given: readonly unknown[] = 'by' in aggregate ? [aggregate.argument, aggregate.by] : [aggregate.argument]
    const isKnownByName = given.some((argument) => typeof argument === 'function')
    return { name, form: `${kind}(${given.map(text).join(', ')})${version}`, isKnownByName }
  })
}

/** The entry of the aggregates, as the parts that it consists of. */
export const aggregatesForm = (step: AggregationStep, versions: Versions): KeptForm => ({
  lists: [partsOf(step, versions)],
  textOf: ([list = []]) => listText(list),
  listsOf(text) {
    const list = parseList(text, aggregatePart)
    return list === null ? null : [list]
  },
})

/**
 * The same where a fingerprint is one text: of an operator before the last aggregation.
 * @param fingerprint its entries, `aggregates` among them
 */
export function operatorForm(
  fingerprint: Readonly<Record<string, string>>,
  step: AggregationStep,
  versions: Versions,
): KeptForm {
  const form = aggregatesForm(step, versions)
  const textOf = (aggregates: string): string => JSON.stringify({ ...fingerprint, aggregates })
  return {
    lists: form.lists,
    textOf: (lists) => textOf(form.textOf(lists)),
    listsOf(text) {
      const aggregates = aggregatesIn(text)
      return aggregates !== null && textOf(aggregates) === text ? form.listsOf(aggregates) : null
    },
  }
}

function aggregatesIn(text: string): string | null {
  try {
    const entries: unknown = JSON.parse(text)
    if (typeof entries !== 'object' || entries === null || !('aggregates' in entries)) return null
    return typeof entries.aggregates === 'string' ? entries.aggregates : null
  } catch {
    return null
  }
}
