// The tables in what functions print: a header as the console sink has it (a rule, `Batch: 7 (bars)`, a rule), and the lines of the
// table up to the empty one after it. Tables of several workers come mixed line by line only where their outputs are: each has its own reader.

/** A table that was printed to its end. */
export interface PrintedTable {
  readonly query: string
  readonly batch: number
  readonly text: string
  readonly cutLines: number
}

const maxLines = 200
const maxLength = 100_000

/** @returns takes a line, and gives the table that ends with it @example const read = tableReader('bars'); read('Batch: 7 (bars)') */
export function tableReader(functionKey: string): (line: string) => PrintedTable | undefined {
  let open: { query: string; batch: number; lines: string[]; length: number; cutLines: number } | undefined
  return (line) => {
    const header = /^Batch: (\d+)(?: \((.{1,200})\))?$/.exec(line)
    if (header !== null) {
      open = { query: header[2] ?? functionKey, batch: Number(header[1]), lines: [], length: 0, cutLines: 0 }
      return undefined
    }
    if (open === undefined || /^-{43}$/.test(line)) return undefined
    const isTable = /^[+| ]|^only showing /.test(line) || line.startsWith('-RECORD')
    if (isTable) {
      if (open.lines.length < maxLines && open.length + line.length < maxLength) {
        open.lines.push(line)
        open.length += line.length
      } else open.cutLines += 1
      return undefined
    }
    const { query, batch, lines, cutLines } = open
    open = undefined
    return lines.length === 0 ? undefined : { query, batch, text: lines.join('\n'), cutLines }
  }
}
