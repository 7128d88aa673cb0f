// The name that somebody may have meant: the nearest by letters left out, added, changed or exchanged. Pure.

/** Farther than this it is another word. */
const farthest = 2

/** @example nearestName('strat', ['start', 'send']) // 'start' */
export function nearestName(given: string, names: readonly string[], within = farthest): string | undefined {
  const found = names
    .map((name) => ({ name, distance: distanceOf(given, name) }))
    .sort((a, b) => a.distance - b.distance)
  const [nearest] = found
  return nearest !== undefined && nearest.distance <= within ? nearest.name : undefined
}

/** Optimal string alignment (Damerau and Levenshtein): two letters exchanged count once. */
function distanceOf(left: string, right: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1]
      const isExchanged =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isExchanged ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? 0
}
