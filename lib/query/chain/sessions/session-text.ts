// How sessions and their indexes are written: a session as its bounds and its accumulators, an index as the times between the
// beginnings that it has, since those lie close together; one that is cut into leaves as how many it has in all, and those between theirs.

import type { Aggregation } from '../../../aggregate/aggregation.ts'
import type { PartLayouts } from '../../../state/protocol/evolution/kept-parts.ts'
import { decodeList, decodeNumber, incompatible } from '../../../types/kept-value.ts'
import type { PlanRow } from '../../plan/plan.ts'
import type { StageOperator } from '../stage-operator.ts'
import type { KeptSessions } from './kept-sessions.ts'

type Text = Required<Pick<StageOperator<KeptSessions>, 'encode' | 'decode' | 'text'>>

export function sessionText(aggregation: Aggregation<PlanRow>): Text {
  const read = (encoded: string, layouts?: PartLayouts): KeptSessions => {
    if (encoded.startsWith('"')) return { starts: decodeStarts(JSON.parse(encoded)) }
    if (encoded.startsWith('[')) {
      const [count, leaves] = decodeList(JSON.parse(encoded))
      return { leaves: decodeStarts(leaves), count: decodeNumber(count) }
    }
    const [start = '', end = ''] = encoded.split(' ', 2)
    const [startMs, endMs] = [Number(start), Number(end)]
    if (!Number.isSafeInteger(startMs) || !Number.isSafeInteger(endMs)) throw incompatible(encoded, 'a session')
    return { startMs, endMs, acc: aggregation.decode(encoded.slice(start.length + end.length + 2), layouts?.[0]) }
  }
  const encode = (kept: KeptSessions, layouts?: PartLayouts): string => {
    if ('starts' in kept) return JSON.stringify(encodeStarts(kept.starts))
    if ('leaves' in kept) return JSON.stringify([kept.count, encodeStarts(kept.leaves)])
    return `${kept.startMs} ${kept.endMs} ${aggregation.encode(kept.acc, layouts?.[0])}`
  }
  return {
    encode,
    decode: (encoded, layouts) => read(String(encoded), layouts),
    text: {
      write(kept, out, layouts) {
        if (!('acc' in kept)) return out.text(encode(kept))
        out.text(`${kept.startMs} ${kept.endMs} `)
        aggregation.write(kept.acc, out, layouts?.[0])
      },
      read,
    },
  }
}

/** @example encodeStarts([0, 36, 37]) // '0 10 1' */
const encodeStarts = (starts: readonly number[]): string =>
  starts.map((start, i) => (start - (starts[i - 1] ?? 0)).toString(36)).join(' ')

function decodeStarts(text: unknown): number[] {
  let start = 0
  return String(text)
    .split(' ')
    .map((step) => {
      start += Number.parseInt(step, 36)
      if (Number.isNaN(start)) throw incompatible(text, 'the times at which sessions begin')
      return start
    })
}
