// Whether a function that a schedule invokes each minute is to be invoked at once for what is left of the minute, or the schedule does it. Pure.

/** What an invocation may take to begin its work: a cold worker on a slow machine. */
const coldStartMs = 5_000
/** How far apart the line that tells of the schedule and the setting of the schedule may be. */
const uncertaintyMs = 500

const minuteMs = 60_000

/**
 * The schedule fires at full minutes from when it was set, and each firing sends to the end of its minute. An invocation of
 * ours is right for the rest of the current minute if the schedule was surely set after that minute had begun, and if ours
 * surely begins before the next one does: else some second's ticks would be sent twice.
 * @param scheduledAtMs epoch milliseconds at which the schedule was set
 * @example ownsCurrentMinute(60_000 * 7 + 20_000, 60_000 * 7 + 21_000) // true
 */
export function ownsCurrentMinute(scheduledAtMs: number, nowMs: number): boolean {
  const minuteStartMs = Math.floor(nowMs / minuteMs) * minuteMs
  return scheduledAtMs - uncertaintyMs >= minuteStartMs && nowMs + coldStartMs < minuteStartMs + minuteMs
}
