// What makes kept state readable by an aggregation, by name: its window, its keys and their types, its aggregates and the
// versions of their encodings. A function's source is no part of it: it may be rewritten or minified and mean the same.

import type { AggregationStep } from '../plan/plan.ts'

export function fingerprintOf(
  { window, keys, input, aggregates, finalBy }: AggregationStep,
  versions: ReadonlyMap<string, number>,
): Readonly<Record<string, string>> {
  const typed = (name: string): string => `${name} ${input.get(name)?.type.name ?? ''}`
  const text = (argument: unknown): string =>
    typeof argument === 'string' ? typed(argument) : String(argument && 'fn')
  const call = (aggregate: AggregationStep['aggregates'][string]): string => {
    if (aggregate.kind === 'custom') return aggregate.kind
    const { kind, argument } = aggregate
    return 'by' in aggregate ? `${kind}(${text(argument)}, ${text(aggregate.by)})` : `${kind}(${text(argument)})`
  }
  const version = (name: string): string => (versions.get(name) === 1 ? '' : ` v${versions.get(name)}`)
  return {
    window: window === null ? 'none' : `${window.column} ${window.sizeMs}/${window.slideMs}+${window.startMs} ms`,
    keys: keys.map(typed).join(', '),
    // Groups that end and groups that never do lie under different keys.
    finalBy: finalBy ?? 'none',
    aggregates: Object.entries(aggregates)
      .map(([name, aggregate]) => `${name} ${call(aggregate)}${version(name)}`)
      .join(', '),
  }
}
