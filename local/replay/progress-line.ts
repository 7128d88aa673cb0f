// How far a replay is, in a line: batches, records a second, and an estimate of the rest. On a terminal it writes over itself; to a
// file it comes every ten seconds.
import type { WriteStream } from 'node:tty'

export interface ProgressLine {
  /** @param fraction of the source, from 0 to 1 */
  update(numBatches: number, numRecords: number, fraction: number): void
  /** Takes it off the terminal. */
  clear(): void
}

const terminalMs = 250
const fileMs = 10_000

/** @example progressText({ numBatches: 12, numRecords: 120, fraction: 0.25, elapsedMs: 1000 }) // '12 batches, 120 records, 120/s, 25 %, 3 s left' */
export function progressText(given: {
  readonly numBatches: number
  readonly numRecords: number
  readonly fraction: number
  readonly elapsedMs: number
}): string {
  const { numBatches, numRecords, fraction, elapsedMs } = given
  const perSecond = elapsedMs === 0 ? 0 : Math.round((numRecords * 1000) / elapsedMs)
  const parts = [
    count(numBatches, 'batch', 'batches'),
    count(numRecords, 'record', 'records'),
    `${number(perSecond)}/s`,
  ]
  if (fraction > 0 && fraction <= 1) {
    const leftSeconds = (elapsedMs * (1 - fraction)) / fraction / 1000
    parts.push(`${Math.floor(fraction * 100)} %`, `about ${durationText(leftSeconds)} left`)
  }
  return parts.join(', ')
}

export const number = (value: number): string => value.toLocaleString('en-US')
export const count = (value: number, one: string, more: string): string =>
  `${number(value)} ${value === 1 ? one : more}`

function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

export function progressLine(stream: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean }): ProgressLine {
  const startedMs = performance.now()
  const isTerminal = stream.isTTY === true
  let saidMs = startedMs
  let isShown = false
  return {
    update(numBatches, numRecords, fraction) {
      const nowMs = performance.now()
      if (nowMs - saidMs < (isTerminal ? terminalMs : fileMs)) return
      saidMs = nowMs
      const text = progressText({ numBatches, numRecords, fraction, elapsedMs: nowMs - startedMs })
      stream.write(isTerminal ? `\r\u001b[2K${text}` : `${text}\n`)
      isShown = isTerminal
    },
    clear() {
      if (isShown) stream.write('\r\u001b[2K')
      isShown = false
    },
  }
}
