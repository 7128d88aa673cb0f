// groupBy: windows and columns, and the aggregates of their groups.

import {
  avg,
  collectList,
  count,
  first,
  last,
  max,
  min,
  sessionWindow,
  sum,
  type WindowTime,
  window,
  windowTime,
} from '../../../../lib/index.ts'
import { expressionOf, isName, named, texts } from '../expressions.ts'
import { type AnyRow, type AnyStream, NotTranslated, requireStream, type Translations } from '../translation.ts'

/** A column, or a window that can have another name. */
type Key = string | { as(name: string): Key }
type Aggregate = Parameters<ReturnType<AnyStream['groupBy']>['agg']>[0][string]

/** By the word of a key's expression, given what stands between its brackets. */
const keys: Readonly<Record<string, (parts: readonly string[]) => Key>> = {
  session_window: ([column = '', ...gap]) => sessionWindow(timeOf(column), gapOf(gap.join(', '))),
  window: ([column = '', size = '', ...more]) => window(timeOf(column), size, ...more),
}

/** A text, or an expression of the row. */
function gapOf(text: string): string | ((row: AnyRow) => string | null) {
  if (/^-?\d/.test(text)) return text
  const { value } = expressionOf(text)
  return (row) => value(row) as string | null
}

/** @example timeOf('window_time(w)') // windowTime('w') */
function timeOf(text: string): string | WindowTime<string> {
  const [, column = ''] = /^window_time\((\w+)\)$/.exec(text) ?? []
  return column === '' ? text : windowTime(column)
}

const aggregates: Readonly<Record<string, (column: string) => unknown>> = {
  avg,
  collect_list: collectList,
  first,
  last,
  max,
  min,
  sum,
}

export const groups: Translations = {
  groupBy(given, operator) {
    const { keys = [], aggs, kind = 'groupBy' } = operator
    if (kind !== 'groupBy') throw new NotTranslated(String(kind))
    const definitions = Object.fromEntries(texts(aggs).map(namedAggregate))
    const grouped = requireStream(given, operator).groupBy(...(texts(keys).map(keyOf) as never[]))
    return grouped.agg(definitions) as unknown as AnyStream
  },
}

function keyOf(expression: string): Key {
  const { text, as } = named(expression)
  if (isName(text) && as === null) return text
  const [, word = '', inner = ''] = /^(\w+)\((.*)\)$/.exec(text) ?? []
  const make = keys[word]
  if (make === undefined) throw new NotTranslated(`grouping by ${text}`)
  const key = make(partsOf(inner))
  return as === null || typeof key === 'string' ? key : key.as(as)
}

function namedAggregate(expression: string): [string, Aggregate] {
  const { text, as } = named(expression)
  const [, word = '', argument = ''] = /^(\w+)\((.*)\)$/.exec(text) ?? []
  const name = as ?? text
  if (word === 'count') return [name, (argument === '*' ? count() : count(argument)) as Aggregate]
  const make = aggregates[word]
  if (make === undefined || !isName(argument)) throw new NotTranslated(`the aggregate ${text}`)
  return [name, make(argument) as Aggregate]
}

/** Cut at commas, without quotes. @example partsOf("ts, '10 seconds'") // ['ts', '10 seconds'] */
const partsOf = (inner: string): readonly string[] => inner.split(', ').map((part) => part.replace(/^'(.*)'$/, '$1'))
