// The last offset of each partition that an image has rows of, in update mode: until they are acknowledged it owes their rows.

import type { GroupImage } from '../../shards/group-image.ts'

/** Rows of a partition come in offset order: the newest is the last. */
export function noteLast(image: GroupImage, tp: string, offset: number): void {
  const { last } = image
  if (last.length === 0) {
    // A list that is pushed to has room for more than a dozen, for every group.
    image.last = [tp, offset]
    return
  }
  for (let i = 0; i < last.length; i += 2) {
    if (last[i] !== tp) continue
    last[i + 1] = offset
    return
  }
  last.push(tp, offset)
}
