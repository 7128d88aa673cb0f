// The columns of what a query emits, in their order, each with its type. Known when the query is built, so an empty result
// still has its header.

import type { Column } from '../decode/schema.ts'

export type OutputColumns = ReadonlyMap<string, Column<unknown>>
