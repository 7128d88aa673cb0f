// The SQL expressions of the files, by their text, as functions of a row with the type of what they give.

import { boolean, type Column, string, type TimeWindow, timestamp } from '../../../lib/index.ts'
import { timestampText } from '../../../lib/types/text/timestamp-text.ts'
import type { Row } from './scenario.ts'
import { NotTranslated } from './translation.ts'

export interface Expression {
  readonly value: (row: Row) => unknown
  /** Null for a condition, which makes no column. */
  readonly column: Column<unknown> | null
}

const condition = (value: Expression['value']): Expression => ({ value, column: boolean().nullable() })

const tenSeconds = 10_000

const expressions: Readonly<Record<string, Expression>> = {
  "id != 'skip'": condition(({ id }) => id !== null && id !== 'skip'),
  "id != 'after'": condition(({ id }) => id !== null && id !== 'after'),
  'v > 1': condition(({ v }) => v !== null && Number(v) > 1),
  'total >= 3': condition(({ total }) => (total === null ? null : Number(total) >= 3)),
  'second(ts) < 30 AND v > 0': condition(
    ({ ts, v }) => ts !== null && v !== null && new Date(Number(ts)).getUTCSeconds() < 30 && Number(v) > 0,
  ),
  "CAST(window(ts, '10 seconds').start AS STRING)": {
    value: ({ ts }) => timestampText(Number(ts) - (Number(ts) % tenSeconds)),
    column: string(),
  },
  "CASE WHEN v >= 10 THEN '10 seconds' WHEN v >= 5 THEN '5 seconds' ELSE '1 second' END": {
    value: ({ v }) => (Number(v) >= 10 ? '10 seconds' : Number(v) >= 5 ? '5 seconds' : '1 second'),
    column: string(),
  },
  's.start': { value: ({ s }) => (s as TimeWindow | null)?.start ?? null, column: timestamp().nullable() },
  's.end': { value: ({ s }) => (s as TimeWindow | null)?.end ?? null, column: timestamp().nullable() },
  gap: { value: ({ gap }) => gap, column: string().nullable() },
}

/** @throws NotTranslated where nobody has written it yet */
export function expressionOf(text: string): Expression {
  const expression = expressions[text]
  if (expression === undefined) throw new NotTranslated(`the expression ${text}`)
  return expression
}

/** @example named('window_time(w) AS wt') // { text: 'window_time(w)', as: 'wt' } */
export function named(expression: string): { readonly text: string; readonly as: string | null } {
  const [, text = expression, as = null] = /^(.*) AS (\w+)$/.exec(expression) ?? []
  return { text, as }
}

/** @example isName('ts') // true */
export const isName = (text: string): boolean => /^\w+$/.test(text)

/** What an operator has as a list of texts. */
export const texts = (list: unknown): readonly string[] => (list as readonly unknown[]).map(String)
