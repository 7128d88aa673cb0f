// How a command that works for long is ended: the first signal asks its work to end in order, a later one ends the process at once.
import { exitCodeOf, listenForStop } from 'serverless-offline-kafka-mapping/internal/command/stop-signal'

export interface Ending {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** That of the signal; 0 where none has come. */
  exitCode(): number
}

/** @example const ending = endingBySignal(); await work(ending.signal); return ending.exitCode() */
export function endingBySignal(): Ending {
  const stop = listenForStop()
  const ending = new AbortController()
  let asked: NodeJS.Signals | undefined
  void stop.asked.then((signal) => {
    asked = signal
    ending.abort()
  })
  void stop.urged.then((signal) => process.exit(exitCodeOf(signal) || 130))
  return { signal: ending.signal, exitCode: () => (asked === undefined ? 0 : exitCodeOf(asked)) }
}
