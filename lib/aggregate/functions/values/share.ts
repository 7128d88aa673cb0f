// The room that a group has for values of its rows. A group lies in an item of 350 kB: its key and the values of single rows take up
// to 115 kB, so 200 kB are for what aggregates keep of many rows, in equal parts for those of the query that do.

/** The part of one aggregate. */
export interface Share {
  readonly values: number
  /** Bytes of their encoded form. */
  readonly bytes: number
}

const room: Share = { values: 10_000, bytes: 200_000 }

/** @param shares how many aggregates of the query share the room */
export const shareOf = (shares: number): Share => ({
  values: Math.floor(room.values / shares),
  bytes: Math.floor(room.bytes / shares),
})

/**
 * A group has more values than an aggregate can keep, and without them there is no result: the group is set aside when its row
 * is made, and all other groups go on.
 */
export class TooManyValues extends Error {
  override readonly name = 'TooManyValues'
}

/** @param text of the argument, for the dead letter */
export function tooManyValues(kind: string, text: string, { values, bytes }: Share): TooManyValues {
  const remedy = 'Group by less, a window for one, or use an aggregate that keeps less.'
  const problem = `${kind}(${text}): the group has more values than the ${values}, or ${bytes} bytes, that it can keep`
  return new TooManyValues(`${problem}. ${remedy}`)
}
