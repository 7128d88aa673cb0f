// All that differs from Spark by decision, by the operators that it is about.

import { chains } from './chains.ts'
import type { Deviation } from './deviation.ts'
import { duplicates } from './duplicates.ts'
import { joins } from './joins.ts'
import { sessions } from './sessions.ts'
import { watermarks } from './watermarks.ts'

export const deviations: readonly Deviation[] = [...chains, ...duplicates, ...joins, ...sessions, ...watermarks]
