// Tables as Spark prints them, read back. A table that was cut off, by the death of who printed it, gives the rows that
// were whole; what stands between tables is passed over. Pure.

/** The cells of one row by the names of their columns, in the order of the columns. */
export type PrintedRow = ReadonlyMap<string, string>

const separator = /^\+(-+\+)+$/

/** Spark's words under a table that does not show all of its rows. */
const cutLine = /^only showing top \d+ rows?$/

type Expecting =
  | { readonly kind: 'table' }
  | { readonly kind: 'header' }
  | { readonly kind: 'line under header'; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly columns: readonly string[] }

const cellsOf = (line: string): readonly string[] => line.split('|').slice(1, -1)
const isRow = (line: string): boolean => line.startsWith('|') && line.endsWith('|') && line.length > 1

/** The lines about tables, in the order in which it was printed. */
export interface TableListener {
  /** A table begins: the names of its columns. */
  header?(columns: readonly string[]): void
  /** A cell that holds `|` makes its row one of another number of cells: such a row is not told. */
  row(row: PrintedRow): void
  /** The table that ended had more rows than its sink prints. */
  cut?(): void
}

/**
 * @returns takes one line, without its line break
 * @example lines.forEach(tableReader({ row: (row) => console.log(row.get('total')) }))
 */
export function tableReader(listener: TableListener): (line: string) => void {
  let expecting: Expecting = { kind: 'table' }
  return (line) => {
    if (separator.test(line)) {
      // of a table that was cut off after its header or a row this is the end; taken for the beginning of another one it
      // would be told by the next line, which is no header then
      expecting =
        expecting.kind === 'line under header' ? { kind: 'row', columns: expecting.columns } : afterSeparator(expecting)
      return
    }
    if (expecting.kind === 'header' && isRow(line)) {
      const columns = cellsOf(line).map((name) => name.trim())
      expecting = { kind: 'line under header', columns }
      listener.header?.(columns)
    } else if (expecting.kind === 'row' && isRow(line)) {
      const { columns } = expecting
      const cells = cellsOf(line)
      if (cells.length === columns.length)
        listener.row(new Map(columns.map((name, i) => [name, (cells[i] ?? '').trim()])))
    } else {
      if (expecting.kind === 'table' && cutLine.test(line)) listener.cut?.()
      expecting = { kind: 'table' }
    }
  }
}

/** A line under the rows ends their table; any other begins one. */
const afterSeparator = ({ kind }: Expecting): Expecting => (kind === 'row' ? { kind: 'table' } : { kind: 'header' })
