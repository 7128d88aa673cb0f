// A file's plan as a stream of the public face. Each kind of operator is translated in a file of its own, in translations/.

import type { Operator } from './scenario.ts'
import { type AnyStream, type Given, NotTranslated, type Translations } from './translation.ts'
import { duplicates } from './translations/duplicates.ts'
import { groups } from './translations/groups.ts'
import { joins } from './translations/joins.ts'
import { rows } from './translations/rows.ts'
import { sources } from './translations/sources.ts'
import { tables } from './translations/tables.ts'

const translations: Translations = { ...sources, ...rows, ...groups, ...duplicates, ...joins, ...tables }

/**
 * @throws NotTranslated for an operator, an expression or an aggregate that no translation has
 * @throws MicrobatchError QUERY_INVALID for what is refused
 */
export function translate(plan: readonly Operator[], given: Given = null): AnyStream {
  let stream = given
  for (const operator of plan) {
    const translation = translations[operator.op]
    if (translation === undefined) throw new NotTranslated(`the operator ${operator.op}`)
    stream = translation(stream, operator, translate)
  }
  if (stream === null) throw new NotTranslated('a plan without operators')
  return stream
}
