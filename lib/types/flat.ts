// What an editor shows of a row: its columns and their types, and not the operators that they came by.

/** The same object type, its properties written out. @example Flat<Pick<Tick, 'symbol'> & { count: number }> */
export type Flat<Row> = Row extends infer Whole ? { readonly [Name in keyof Whole]: Whole[Name] } : never
