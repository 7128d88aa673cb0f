// Something that runs until we end it: when it ends by itself, that is said, and it is started again, with growing pauses.
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from 'serverless-offline-kafka-mapping/internal/error'

export interface Running {
  /** Resolves with the reason when it ends by itself or by `stop`; undefined where its end is not ours to see. */
  readonly ended: Promise<string> | undefined
  stop(): Promise<void>
  kill(): Promise<void>
}

export interface KeptRunning<T extends Running> {
  /** What the first start gave. */
  readonly first: T
  /** Ends it in order, also while it is being started again. */
  stop(): Promise<void>
  kill(): Promise<void>
}

export interface KeepOptions<T extends Running> {
  /** For messages: `Kafka`. */
  readonly name: string
  /** Starts it once; a start under way is given up when the signal is aborted. */
  readonly start: (signal: AbortSignal) => Promise<T>
  readonly notice: (line: string) => void
  /** @default 1_000 */
  readonly firstPauseMs?: number
  /** @default 30_000 */
  readonly longestPauseMs?: number
}

/** A run that lasted this long was a good one: the next pause is the first again. */
const goodRunMs = 30_000

/**
 * @param signal gives up the first start
 * @throws what the first start throws; later failures are said and tried again
 * @example const kafka = await keepRunning({ name: 'Kafka', start, notice: console.error }, signal)
 */
export async function keepRunning<T extends Running>(
  options: KeepOptions<T>,
  signal: AbortSignal,
): Promise<KeptRunning<T>> {
  const { name, notice, firstPauseMs = 1_000, longestPauseMs = 30_000 } = options
  const stopping = new AbortController()
  const first = await options.start(signal)
  let current: T | undefined = first

  const startAgain = async (): Promise<T | undefined> => {
    for (let pauseMs = firstPauseMs; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      await pause(pauseMs, stopping.signal)
      if (stopping.signal.aborted) break
      try {
        const again = await options.start(stopping.signal)
        notice(`${name} runs again.`)
        return again
      } catch (error) {
        if (!stopping.signal.aborted) notice(`${name} could not be started: ${messageOf(error)}`)
      }
    }
    return undefined
  }
  const watch = async () => {
    let quickEnds = 0
    while (current?.ended !== undefined) {
      const startedAtMs = performance.now()
      const reason = await current.ended
      current = undefined
      if (stopping.signal.aborted) return
      quickEnds = performance.now() - startedAtMs < goodRunMs ? quickEnds + 1 : 0
      notice(`${name} ended by itself (${reason}). Starting it again ...`)
      if (quickEnds > 1) await pause(Math.min(firstPauseMs * 2 ** quickEnds, longestPauseMs), stopping.signal)
      current = await startAgain()
      if (stopping.signal.aborted) await current?.stop() // stopped just as the start succeeded
    }
  }
  const watched = watch()
  return {
    first,
    async stop() {
      stopping.abort()
      await current?.stop()
      await watched
    },
    async kill() {
      stopping.abort()
      await current?.kill()
    },
  }
}

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => {})
