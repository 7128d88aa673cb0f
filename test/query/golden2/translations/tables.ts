// orderBy and limit.

import { desc } from '../../../../lib/index.ts'
import { texts } from '../expressions.ts'
import { requireStream, type Translations } from '../translation.ts'

export const tables: Translations = {
  limit: (given, operator) => requireStream(given, operator).limit(Number(operator.n)),
  orderBy: (given, operator) =>
    requireStream(given, operator).orderBy(
      ...texts(operator.columns).map((column) => (column.startsWith('-') ? desc(column.slice(1)) : column)),
    ),
}
