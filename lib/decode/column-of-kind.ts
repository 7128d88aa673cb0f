// The column of a kind, for codecs that learn their columns from a schema of another kind.

import { binary, boolean, type Column, type ColumnKind, double, int, long, string, timestamp } from './schema.ts'

const columns: Readonly<Record<ColumnKind, () => Column<unknown>>> = {
  string,
  double,
  long,
  int,
  boolean,
  timestamp,
  binary,
}

/** @example columnOfKind('double', true) // double().nullable() */
export const columnOfKind = (kind: ColumnKind, isNullable: boolean): Column<unknown> =>
  isNullable ? columns[kind]().nullable() : columns[kind]()
