// The effect of a redrive, item by item, before it is made: which records, after the transform, go where; or why one stays. Nothing is sent here.
import type { KafkaRow } from 'microbatch'
import type { Ledger } from './ledger.ts'
import { type Redrivable, recordPlaces } from './redrivable.ts'
import type { Transform } from './transform.ts'

export interface Planned {
  readonly item: Redrivable
  /** The records that are sent; none where it stays. */
  readonly records: readonly KafkaRow[]
  /** Why it stays. */
  readonly obstacle: string | undefined
  /** It stays because it was sent before. */
  readonly isRepeated: boolean
  /** Dead letters of other queries about the same record, which is sent once for all of them. */
  readonly others: readonly Redrivable[]
}

export interface PlanOptions {
  readonly ledger: Pick<Ledger, 'find'>
  /** Also what was sent before. */
  readonly again: boolean
  readonly transform: Transform | undefined
  /** A record that several queries set aside goes once: all queries of a topic read what is sent to it. */
  readonly oncePerRecord: boolean
}

/** @throws LocalError COMMAND_INVALID from the transform @example await planned(items, { ledger, again: false, transform: undefined, oncePerRecord: true }) */
export async function planned(items: readonly Redrivable[], options: PlanOptions): Promise<readonly Planned[]> {
  const seen = new Set<string>()
  /** By the place of a record: the letter that it goes with, and those that join it. */
  const firsts = new Map<string, { readonly where: string; readonly others: Redrivable[] }>()
  const plan: Planned[] = []
  for (const item of items) {
    const others: Redrivable[] = []
    const stays = (obstacle: string, isRepeated = false) =>
      plan.push({ item, records: [], obstacle, isRepeated, others })
    const mark = options.again ? undefined : options.ledger.find(item.id)
    const place = options.oncePerRecord && item.query !== undefined ? recordPlaces(item) : ''
    const first = place === '' ? undefined : firsts.get(place)
    const goes = () => {
      if (place !== '' && first === undefined) firsts.set(place, { where: item.where, others })
    }
    if (seen.has(item.id)) {
      stays('it is here more than once')
    } else if (mark?.state === 'done') {
      stays(`it was redriven at ${mark.at} ${mark.to}`, true)
      goes()
    } else if (mark !== undefined) {
      stays(`its redrive of ${mark.at} did not come to an end: it may be ${mark.to} already`, true)
      goes()
    } else if (first !== undefined) {
      stays(`its record goes with ${first.where}`)
      first.others.push(item)
    } else if (item.obstacle !== undefined) {
      stays(item.obstacle)
    } else {
      const { transform } = options
      const records = transform === undefined ? item.records : (await Promise.all(item.records.map(transform))).flat()
      if (records.length === 0) stays('the transform leaves nothing of it')
      else {
        plan.push({ item, records, obstacle: undefined, isRepeated: false, others })
        goes()
      }
    }
    seen.add(item.id)
  }
  return plan
}

/** @example planLine(planned, 'to the topic') // 'dead-letters.ndjson:3  orders-1@17  NOT_JSON  1 record to the topic' */
export function planLine({ item, records, obstacle }: Planned, to: string): string {
  const what =
    obstacle === undefined ? `${records.length} record${records.length === 1 ? '' : 's'} ${to}` : `stays: ${obstacle}`
  return [item.where, recordPlaces(item), item.reason, what].filter((part) => part !== '').join('  ')
}
