// The last offset of each partition that an image has rows of, in update mode: until they are acknowledged it owes their rows.

import type { GroupImage } from '../../shards/group-image.ts'

const blank: readonly (string | number)[] = ['', 0]

/** Rows of a partition come in offset order: the newest is the last. */
export function noteLast(image: GroupImage, tp: string, offset: number): void {
  const { last } = image
  if (last.length === 0) {
    // A list that is pushed to has room for more than a dozen, for every group. A copy is young like its group.
    image.last = blank.slice()
    image.last[0] = tp
    image.last[1] = offset
    return
  }
  for (let i = 0; i < last.length; i += 2) {
    if (last[i] !== tp) continue
    last[i + 1] = offset
    return
  }
  last.push(tp, offset)
}
