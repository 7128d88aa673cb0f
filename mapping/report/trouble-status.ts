// A trouble that recurs, such as a broker that is down, in two lines: one when it begins and one when it is over.

import type { Log } from '../log.ts'
import { printable } from '../terminal.ts'

export interface TroubleStatus {
  /** Says a text that was not said since the last `over`. */
  readonly trouble: (text: string) => void
  /** Says that it is over, where there was something. */
  readonly over: (text: string) => void
}

/**
 * @example
 * const status = troubleStatus(log)
 * status.trouble('Kafka at localhost:9092 does not answer; waiting'); status.over('Kafka at localhost:9092 answers again')
 */
export function troubleStatus(log: Pick<Log, 'warning' | 'notice'>): TroubleStatus {
  const said = new Set<string>()
  return {
    trouble: (text) => {
      if (said.has(text)) return
      said.add(text)
      log.warning(printable(text))
    },
    over: (text) => {
      if (said.size === 0) return
      said.clear()
      log.notice(printable(text))
    },
  }
}
