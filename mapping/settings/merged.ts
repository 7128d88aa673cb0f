// One part of a CloudFormation template merged into another as osls merges `resources` into its own (lib/utils/merge-plain-objects.js):
// objects key by key, lists place by place, anything else replaced.

type Properties = Readonly<Record<string, unknown>>

const isPlain = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @example merged({ Filters: { a: 1 }, Topics: ['x'] }, { Filters: { b: 2 }, BatchSize: 5 }) // { Filters: { a: 1, b: 2 }, Topics: ['x'], BatchSize: 5 } */
export function merged(target: Properties, source: Properties): Properties {
  const entries = Object.entries(source).filter(([, value]) => value !== undefined)
  return { ...target, ...Object.fromEntries(entries.map(([key, value]) => [key, mergedValue(target[key], value)])) }
}

function mergedValue(target: unknown, source: unknown): unknown {
  if (isPlain(target) && isPlain(source)) return merged(target, source)
  if (!Array.isArray(target) || !Array.isArray(source)) return source
  return [...source.map((value: unknown, index) => mergedValue(target[index], value)), ...target.slice(source.length)]
}
