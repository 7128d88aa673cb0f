// How fast batches follow each other: as they did, some times as fast, at once, or each when it is asked for.
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'

export type Pace =
  | { readonly kind: 'max' }
  | { readonly kind: 'step' }
  /** 1 is as it was. */
  | { readonly kind: 'times'; readonly factor: number }

/** @throws LocalError COMMAND_INVALID saying what it takes @example parsePace('10x') // { kind: 'times', factor: 10 } */
export function parsePace(text: string): Pace {
  if (text === 'max' || text === 'step') return { kind: text }
  if (text === 'original') return { kind: 'times', factor: 1 }
  const [, factor] = /^(\d{1,6}(?:\.\d{1,6})?)x$/.exec(text) ?? []
  if (Number(factor) > 0) return { kind: 'times', factor: Number(factor) }
  throw new LocalError('COMMAND_INVALID', `--pace takes original, max, step, or a factor such as 10x, not ${text}.`)
}

export interface Pacer {
  /** Resolves when a batch may begin; false where no further one shall. @param atMs when it began, epoch milliseconds */
  turn(atMs: number, describe: () => string): Promise<boolean>
  close(): void
}

export interface PacerOptions {
  readonly pace: Pace
  /** Ends a wait. */
  readonly signal: AbortSignal
  readonly input: NodeJS.ReadableStream
  readonly say: (line: string) => void
  /** Monotonic milliseconds. @default the process's */
  readonly nowMs?: () => number
  /** @default Node's timer */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** @example const pacer = createPacer({ pace, signal, input: process.stdin, say }); await pacer.turn(batch.atMs, () => 'bars') */
export function createPacer(options: PacerOptions): Pacer {
  const { pace, signal, input, say } = options
  switch (pace.kind) {
    case 'max':
      return { turn: async () => !signal.aborted, close: () => undefined }
    case 'times':
      return { turn: timed(pace.factor, options), close: () => undefined }
    case 'step':
      return stepwise(signal, input, say)
  }
}

/** Each batch is due so long after the first as it was then: what a batch takes is not added to the wait for the next. */
function timed(
  factor: number,
  { signal, nowMs = () => performance.now(), wait = longDelay }: PacerOptions,
): Pacer['turn'] {
  let begun: { readonly atMs: number; readonly nowMs: number } | undefined
  return async (atMs) => {
    begun ??= { atMs, nowMs: nowMs() }
    const waitMs = begun.nowMs + (atMs - begun.atMs) / factor - nowMs()
    if (waitMs > 0) await wait(waitMs, signal)
    return !signal.aborted
  }
}

/** Node's timers end after 24 days. */
async function longDelay(ms: number, signal: AbortSignal): Promise<void> {
  const most = 2 ** 30
  for (let left = ms; left > 0 && !signal.aborted; left -= most) {
    await delay(Math.min(left, most), undefined, { signal }).catch(() => undefined)
  }
}

function stepwise(signal: AbortSignal, input: NodeJS.ReadableStream, say: (line: string) => void): Pacer {
  const lines = createInterface({ input })
  const answers = lines[Symbol.asyncIterator]()
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  return {
    async turn(_atMs, describe) {
      if (signal.aborted) return false
      say(`next: ${describe()} (Enter; q ends it)`)
      const answer = await Promise.race([answers.next(), aborted])
      return answer !== undefined && answer.done !== true && answer.value.trim() !== 'q'
    },
    close: () => lines.close(),
  }
}
