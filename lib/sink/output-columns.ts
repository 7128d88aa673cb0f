// The columns of what a query emits: their order and how each prints. Known when the query is built, so an empty result
// still has its header.

import type { Column } from '../decode/schema.ts'
import type { CellKind } from './cell.ts'

export type OutputColumns = ReadonlyMap<string, CellKind>

export const outputColumnsOf = (columns: ReadonlyMap<string, Column<unknown>>): OutputColumns =>
  new Map(Array.from(columns, ([name, { kind }]) => [name, kind]))
