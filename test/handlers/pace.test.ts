import { describe, expect, test } from 'vitest'
import { ticksAt } from '../../handlers/ticks/generator.ts'
import { type Clock, secondsOfMinute, sendPaced } from '../../handlers/ticks/pace.ts'
import type { TickSender } from '../../handlers/ticks/sender.ts'

const minuteMs = 1_767_623_400_000

describe('an invocation owes the seconds from now to the end of its minute', () => {
  test('all sixty when it starts on time, a little early or a little late', () => {
    for (const offsetMs of [-200, 0, 900]) {
      const seconds = secondsOfMinute(minuteMs + offsetMs)
      expect([seconds[0], seconds.length]).toEqual([minuteMs / 1000, 60])
    }
  })
  test('the rest when it starts within', () => {
    expect(secondsOfMinute(minuteMs + 57_300)).toEqual([57, 58, 59].map((second) => minuteMs / 1000 + second))
  })
  test('so two that follow each other owe every second once', () => {
    const [first, second] = [secondsOfMinute(minuteMs + 20), secondsOfMinute(minuteMs + 59_990)]
    expect(new Set([...first, ...second]).size).toBe(120)
  })
})

describe('an invocation by a schedule owes the whole minute that it was fired for', () => {
  const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

  test('however late within it the schedule fires, as EventBridge does', () => {
    for (const lateMs of [0, 300, 27_400, 59_900, 61_000, 110_000]) {
      const seconds = secondsOfMinute(minuteMs + lateMs, iso(minuteMs))
      expect([seconds[0], seconds.at(-1), seconds.length], `${lateMs} ms`).toEqual([
        minuteMs / 1000,
        minuteMs / 1000 + 59,
        60,
      ])
    }
  })
  test('the one that begins, where it fires a little early and its time is cut to the second before', () => {
    expect(secondsOfMinute(minuteMs - 5, iso(minuteMs - 5))[0]).toBe(minuteMs / 1000)
  })
  test('so late firings leave no gap and send nothing twice', () => {
    const owed = [27_000, 59_000, 3000].flatMap((lateMs, n) =>
      secondsOfMinute(minuteMs + n * 60_000 + lateMs, iso(minuteMs + n * 60_000)),
    )
    expect(owed).toEqual(Array.from({ length: 180 }, (_, second) => minuteMs / 1000 + second))
  })
  test('a time that is none is as if there were none', () => {
    expect(secondsOfMinute(minuteMs + 57_300, 'soon')).toEqual(secondsOfMinute(minuteMs + 57_300))
  })
})

/** A clock that jumps to the next timer as soon as nothing else is left to do. */
function jumpingClock(nowMs: number): Clock {
  const timers = new Map<() => void, number>()
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const wake = (): void => resolve()
        timers.set(wake, nowMs + ms)
        signal?.addEventListener('abort', () => {
          timers.delete(wake)
          reject(signal.reason)
        })
        setImmediate(() => {
          const [next] = [...timers].sort(([, a], [, b]) => a - b)
          if (next === undefined) return
          timers.delete(next[0])
          nowMs = Math.max(nowMs, next[1])
          next[0]()
        })
      }),
  }
}

const batches = secondsOfMinute(minuteMs).map((second) => ticksAt(42, 2, second))

describe('sending', () => {
  test('each second goes out when it has come', async () => {
    const clock = jumpingClock(minuteMs + 30)
    const sentAt: number[] = []
    const sender: TickSender = { send: async () => void sentAt.push(clock.now()) }
    const result = await sendPaced(batches, sender, { clock, deadlineMs: minuteMs + 67_000, onWaiting: () => {} })
    expect(result).toEqual({ sent: 120, notSent: 0 })
    expect(sentAt.slice(0, 3)).toEqual([minuteMs + 30, minuteMs + 1000, minuteMs + 2000])
  })

  test('a sender that is stuck is announced, and what waits behind it follows in order', async () => {
    const clock = jumpingClock(minuteMs)
    const waiting: number[] = []
    const sent: number[] = []
    const sender: TickSender = {
      async send(ticks) {
        if (sent.length === 2) await clock.sleep(10_000)
        sent.push(ticks[0]?.timestamp ?? 0)
      },
    }
    const result = await sendPaced(batches, sender, {
      clock,
      deadlineMs: minuteMs + 67_000,
      onWaiting: (pending) => waiting.push(pending),
    })
    expect([result.sent, result.notSent, sent]).toEqual([120, 0, batches.map(([tick]) => tick?.timestamp)])
    expect(waiting).toEqual([116])
  })

  test('at the deadline it gives up and says how many were not sent', async () => {
    const clock = jumpingClock(minuteMs)
    let sends = 0
    const sender: TickSender = { send: () => (++sends > 10 ? new Promise(() => {}) : Promise.resolve()) }
    const result = await sendPaced(batches, sender, { clock, deadlineMs: minuteMs + 67_000, onWaiting: () => {} })
    expect(result).toEqual({ sent: 20, notSent: 100 })
    expect(clock.now()).toBe(minuteMs + 67_000)
  })

  test('nothing is awaited beyond the deadline, not even the first patience', async () => {
    const clock = jumpingClock(minuteMs + 66_500)
    const sender: TickSender = { send: () => new Promise(() => {}) }
    const result = await sendPaced(batches, sender, { clock, deadlineMs: minuteMs + 67_000, onWaiting: () => {} })
    expect([result.notSent, clock.now()]).toEqual([120, minuteMs + 67_000])
  })

  test('a sender that refuses is an error', async () => {
    const sender: TickSender = { send: () => Promise.reject(new Error('not authorised')) }
    const options = { clock: jumpingClock(minuteMs), deadlineMs: minuteMs + 67_000, onWaiting: () => {} }
    await expect(sendPaced(batches, sender, options)).rejects.toThrow('not authorised')
  })
})
