// dropDuplicates and dropDuplicatesWithinWatermark.

import { texts } from '../expressions.ts'
import { requireStream, type Translations } from '../translation.ts'

export const duplicates: Translations = {
  distinct: (given, operator) => requireStream(given, operator).dropDuplicates(),
  dropDuplicates: (given, operator) => requireStream(given, operator).dropDuplicates(...texts(operator.columns)),
  dropDuplicatesWithinWatermark: (given, operator) =>
    requireStream(given, operator).dropDuplicatesWithinWatermark(...texts(operator.columns)),
}
