// join and union: plans of several sources.

import { json, type KafkaRow, type Lookup, MicrobatchError, staticRows } from '../../../../lib/index.ts'
import { type GoldenRow, schemaOf } from '../../../golden2.ts'
import { texts } from '../expressions.ts'
import type { Operator } from '../scenario.ts'
import { NotTranslated, requireStream, type Translations } from '../translation.ts'

type Options = Readonly<Record<string, unknown>>

const type: Readonly<Record<string, string>> = {
  inner: 'inner',
  left_outer: 'left',
  right_outer: 'right',
  full_outer: 'full',
  left_semi: 'leftSemi',
  left_anti: 'leftAnti',
}

const range = {
  on: [['id', 'rid']],
  within: { after: '10 seconds', columns: ['lts', 'rts'] },
}
const isAbove = (value: unknown, limit: number): boolean => value !== null && Number(value) > limit

/** By the text of the condition. */
const conditions: Readonly<Record<string, Options>> = {
  'id = rid': { on: [['id', 'rid']] },
  'id = sid': { on: [['id', 'sid']] },
  'id = rid AND rts >= lts AND rts <= lts + INTERVAL 10 SECONDS': range,
  'id = rid AND rts >= lts AND rts <= lts + INTERVAL 10 SECONDS AND rv > 1': {
    ...range,
    where: (_: Options, { rv }: Options) => isAbove(rv, 1),
  },
  'id = rid AND rts >= lts AND rts <= lts + INTERVAL 10 SECONDS AND lv > 1 AND lv < rv': {
    ...range,
    where: ({ lv }: Options, { rv }: Options) => isAbove(lv, 1) && isAbove(rv, Number(lv)),
  },
}

function conditionOf(on: unknown): Options {
  if (typeof on !== 'string') return { on: texts(on) }
  const condition = conditions[on]
  if (condition === undefined) throw new NotTranslated(`the condition ${on}`)
  return condition
}

/** The table of a plan that is one. */
function tableOf([first, ...more]: readonly Operator[]): Lookup<GoldenRow> | null {
  if (first?.op !== 'static') return null
  if (more.length > 0) throw new NotTranslated('operators of a static side')
  const schema = schemaOf(String(first.schema))
  const codec = json(schema)
  const rows = texts(first.rows).map((text) => {
    const answer = codec.decode({ value: Buffer.from(text) } as KafkaRow)
    if (answer.kind !== 'row') throw new NotTranslated(`the static row ${text}`)
    return answer.row
  })
  return staticRows(schema, rows)
}

export const joins: Translations = {
  static() {
    // A static side is no stream: nothing joins it with one.
    throw new MicrobatchError('QUERY_INVALID', 'a static side has no method join')
  },
  join(given, operator, translate) {
    const other = operator.with as readonly Operator[]
    const options = { ...conditionOf(operator.on), type: type[String(operator.how)] }
    return requireStream(given, operator).join((tableOf(other) ?? translate(other)) as never, options as never)
  },
  union: (given, operator, translate) =>
    requireStream(given, operator).union(translate(operator.with as readonly Operator[])),
}
