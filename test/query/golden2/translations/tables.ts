// orderBy and limit.

import { texts } from '../expressions.ts'
import { NotTranslated, requireStream, type Translations } from '../translation.ts'

export const tables: Translations = {
  limit: (given, operator) => requireStream(given, operator).limit(Number(operator.n)),
  orderBy(given, operator) {
    const stream = requireStream(given, operator)
    const [column, ...more] = texts(operator.columns)
    if (column === undefined || more.length > 0) throw new NotTranslated('orderBy of several columns')
    return column.startsWith('-') ? stream.orderBy(column.slice(1), 'desc') : stream.orderBy(column)
  },
}
