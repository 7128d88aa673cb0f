// Where a line of a shard lies: at the end of the group's window, or in a lane of its own for what is no group. A lane stands in
// the place of an end, below every time, so what goes by ends never meets it.

/** What stateful operators keep by key (operator-chain.ts). */
export const entryLane = Number.NEGATIVE_INFINITY

/** Rows that batches gave, until those batches are acknowledged: they may come again and owe them. */
export const owedLane = -Number.MAX_VALUE

/** Whether something lies where a group may: at a time, or where groups never end. */
export const isGroupEnd = (endMs: number): boolean => endMs > owedLane

const marks = new Map<number, string>([
  [entryLane, '*'],
  [owedLane, '+'],
  [Number.POSITIVE_INFINITY, ''],
])
const lanes = new Map(Array.from(marks, ([lane, mark]) => [mark, lane]))

/** The first field of a line. @example endText(15_000) // '15000' */
export const endText = (endMs: number): string => marks.get(endMs) ?? String(endMs)

/** The inverse. */
export function endOfText(text: string): number {
  // Digits and the sign of a time come after the marks.
  return text.charCodeAt(0) >= minus ? Number(text) : (lanes.get(text) ?? Number.NaN)
}

const minus = '-'.charCodeAt(0)
