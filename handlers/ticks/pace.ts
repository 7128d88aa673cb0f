// One minute of ticks, paced in real time: which seconds an invocation owes, and sending each when it is due. Time comes
// in as a clock, so the pacing itself can be tested without waiting.

import type { TickSender } from './sender.ts'
import type { Tick } from './tick.ts'

export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

/** A schedule may fire a little before its minute; the seconds before are the former invocation's. */
const earlyMs = 250

/**
 * The seconds that an invocation starting now owes: from now to the end of the minute, both included.
 * @example secondsOfMinute(1_767_623_457_300) // [1767623457, 1767623458, 1767623459]
 */
export function secondsOfMinute(nowMs: number): readonly number[] {
  const first = Math.floor((nowMs + earlyMs) / 1000)
  const end = (Math.floor(first / 60) + 1) * 60
  return Array.from({ length: end - first }, (_, index) => first + index)
}

export interface Paced {
  readonly sent: number
  readonly notSent: number
}

/**
 * Sends the ticks of each second when it has come; while the sender is stuck the following seconds wait in order.
 *
 * @param deadlineMs epoch milliseconds after which nothing more is awaited
 * @param onWaiting called once for each spell in which a send takes more than `patienceMs`
 */
export async function sendPaced(
  seconds: readonly (readonly Tick[])[],
  sender: TickSender,
  { clock, deadlineMs, onWaiting }: { clock: Clock; deadlineMs: number; onWaiting: (pending: number) => void },
): Promise<Paced> {
  const total = seconds.reduce((sum, ticks) => sum + ticks.length, 0)
  let sent = 0
  for (const ticks of seconds) {
    const dueMs = Math.min(ticks[0]?.timestamp ?? 0, deadlineMs)
    if (dueMs > clock.now()) await clock.sleep(dueMs - clock.now())
    const waiting = setTimeout(() => onWaiting(total - sent), patienceMs)
    const done = await Promise.race([
      sender.send(ticks).then(() => true),
      clock.sleep(Math.max(0, deadlineMs - clock.now())).then(() => false),
    ]).finally(() => clearTimeout(waiting))
    if (!done) break
    sent += ticks.length
  }
  return { sent, notSent: total - sent }
}

const patienceMs = 3000
