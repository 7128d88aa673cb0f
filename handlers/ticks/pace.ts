// One minute of ticks, paced in real time: which seconds an invocation owes, and sending each when it is due. Time comes
// in as a clock, so the pacing itself can be tested without waiting.

import { setTimeout } from 'node:timers/promises'
import type { TickSender } from './sender.ts'
import type { Tick } from './tick.ts'

export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, signal === undefined ? {} : { signal }),
}

const minuteMs = 60_000

/** A schedule may fire a little before its minute; what is left of the minute before belongs to the former invocation. */
const earlyMs = 250

/** The `time` of a schedule's event is cut to whole seconds: this soon after it, the clock says better which minute it is. */
const freshMs = 2000

/**
 * The seconds that an invocation starting now owes, up to the end of a minute: from now on, or, where a schedule fired it, all
 * of the minute that it fired for. EventBridge runs a rule within its minute, "not on the precise 0th second" (EventBridge
 * user guide, "Creating a scheduled rule"), often half a minute in: what has passed by then is sent at once.
 *
 * @param firedAt the `time` of the schedule's event
 * @example secondsOfMinute(1_767_623_457_300)[0] // 1767623457, of three
 * @example secondsOfMinute(1_767_623_457_300, '2026-01-05T14:30:00Z')[0] // 1767623400, of sixty
 */
export function secondsOfMinute(nowMs: number, firedAt?: string): readonly number[] {
  const firedMs = firedAt === undefined ? Number.NaN : Date.parse(firedAt)
  const isScheduled = !Number.isNaN(firedMs)
  const startMs = isScheduled && nowMs - firedMs > freshMs ? firedMs : nowMs
  const minute = Math.floor((startMs + earlyMs) / minuteMs)
  const first = isScheduled ? minute * 60 : Math.floor(Math.max(nowMs, minute * minuteMs) / 1000)
  return Array.from({ length: (minute + 1) * 60 - first }, (_, index) => first + index)
}

export interface Paced {
  readonly sent: number
  /** Not known to have been sent: Kafka may have those of the last batch, if only its answer was lost. */
  readonly notSent: number
}

export interface PaceOptions {
  readonly clock: Clock
  /** Epoch milliseconds after which nothing more is awaited. */
  readonly deadlineMs: number
  /** Called when a send takes more than 3 seconds, with the ticks that wait. */
  readonly onWaiting: (pending: number) => void
}

const patienceMs = 3000

/**
 * Sends each batch when the time of its first tick has come; while the sender is stuck, the batches after it wait in
 * order. What it returns adds up to all the ticks given.
 */
export async function sendPaced(
  batches: readonly (readonly Tick[])[],
  sender: TickSender,
  { clock, deadlineMs, onWaiting }: PaceOptions,
): Promise<Paced> {
  const total = batches.reduce((sum, ticks) => sum + ticks.length, 0)
  let sent = 0
  for (const ticks of batches) {
    const dueMs = Math.min(ticks[0]?.timestamp ?? 0, deadlineMs)
    if (dueMs > clock.now()) await clock.sleep(dueMs - clock.now())
    const sending = sender.send(ticks)
    const leftMs = () => deadlineMs - clock.now()
    if (!(await within(Math.min(patienceMs, leftMs()), sending, clock))) {
      onWaiting(total - sent)
      if (!(await within(leftMs(), sending, clock))) break
    }
    sent += ticks.length
  }
  return { sent, notSent: total - sent }
}

/** Whether the work ends in so many milliseconds; its error is thrown. */
async function within(ms: number, work: Promise<void>, clock: Clock): Promise<boolean> {
  const timer = new AbortController()
  const timeout = clock.sleep(Math.max(0, ms), timer.signal).then(
    () => false,
    // The work ended first and the timer was stopped.
    () => true,
  )
  try {
    return await Promise.race([work.then(() => true), timeout])
  } finally {
    timer.abort()
  }
}
