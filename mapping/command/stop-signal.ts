// Why a run ends: Ctrl-C, a signal, a terminal that closed, or a parent that died. The first asks for an orderly end, a later
// one for an end at once.
import { setTimeout as delay } from 'node:timers/promises'
import { sameSignalMs } from './same-signal.ts'

export interface StopSignal {
  /** The first reason: a signal's name. */
  readonly asked: Promise<NodeJS.Signals>
  /** Resolves when it is asked again. */
  readonly urged: Promise<NodeJS.Signals>
}

/** @example const stop = listenForStop(); await stop.asked */
export function listenForStop(): StopSignal {
  const first = Promise.withResolvers<NodeJS.Signals>()
  const second = Promise.withResolvers<NodeJS.Signals>()
  let askedAtMs: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (askedAtMs === undefined) {
      askedAtMs = performance.now()
      first.resolve(signal)
    } else if (performance.now() - askedAtMs > sameSignalMs) second.resolve(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  // The reader of our output has ended (`npm start | head`), or the terminal has closed: nobody reads any more. Every further write
  // fails as the first did, and does not ask for an end at once.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => {
      if (askedAtMs === undefined) onSignal('SIGHUP')
    })
  watchParent(() => onSignal('SIGHUP'))
  return { asked: first.promise, urged: second.promise }
}

/** SIGINT is how a person ends it: no failure. A caller's signal shows as is the custom, 128 and its number. */
export const exitCodeOf = (signal: NodeJS.Signals): number =>
  signal === 'SIGINT' ? 0 : signal === 'SIGTERM' ? 143 : 129

/** The bootstrap that started us may be killed by a signal that it cannot forward; our parent is then another process. */
async function watchParent(onLost: () => void): Promise<void> {
  const parent = process.ppid
  while (process.ppid === parent) await delay(500, undefined, { ref: false })
  onLost()
}
