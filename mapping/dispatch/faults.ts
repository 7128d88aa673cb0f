// Faults on purpose, between a mapping and its Invoker: what a mapping and a query must bear (an error, a throttle, a slow function, an
// answer that is lost, a second delivery), when a person asks for it. Without a fault an invocation passes through untouched.

import { setTimeout as delay } from 'node:timers/promises'
import type { Invoker } from '../invoke/invoker.ts'

/** Every fault of an invocation, in words. */
export const invocationFaults = {
  /** The function is not called, and counts as having thrown. */
  throw: 'throw',
  /** The function does its work; its answer is replaced by an error, and the batch comes again. */
  lostAnswer: 'lose the answer',
  /** The function is not called: too many requests. */
  throttle: 'throttle',
  /** The function is called after a delay. */
  slow: 'slow down',
  /** The function is called twice with the same records. */
  duplicate: 'deliver twice',
} as const

export type InvocationFault = keyof typeof invocationFaults

export interface Fault {
  readonly kind: InvocationFault
  /** Which invocation from now on is the first: 1 is the next one. */
  readonly nth: number
  /** How many in a row. */
  readonly times: number
  /** Before the function is called, of a slow one, in milliseconds. */
  readonly delayMs: number
}

export interface ArmedFault extends Fault {
  readonly id: number
}

export interface Faults {
  readonly arm: (fault: Fault) => void
  readonly cancel: (id: number) => void
  /** Those that are not over, with what is left of each. */
  readonly armed: () => readonly ArmedFault[]
  /** Counts an invocation, and gives the fault that it gets. */
  readonly next: () => Fault | undefined
}

/** @example const faults = createFaults(); faults.arm({ kind: 'throw', nth: 1, times: 2, delayMs: 0 }); faults.next()?.kind // 'throw' */
export function createFaults(): Faults {
  let armed: readonly ArmedFault[] = []
  let lastId = 0
  return {
    arm: (fault) => {
      lastId += 1
      armed = [...armed, { ...fault, id: lastId }]
    },
    cancel: (id) => {
      armed = armed.filter((fault) => fault.id !== id)
    },
    armed: () => armed,
    next: () => {
      if (armed.length === 0) return undefined
      const due = armed.find(({ nth }) => nth === 1)
      armed = armed.flatMap((fault) => {
        if (fault.nth > 1) return [{ ...fault, nth: fault.nth - 1 }]
        // Where several are due the first has its turn, and the others keep theirs.
        if (fault !== due) return [fault]
        return fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : []
      })
      return due
    },
  }
}

/** @example faultName({ kind: 'slow', nth: 1, times: 1, delayMs: 500 }) // 'slow down, 500 ms' */
export const faultName = ({ kind, delayMs }: Fault): string =>
  kind === 'slow' ? `${invocationFaults[kind]}, ${delayMs} ms` : invocationFaults[kind]

/**
 * The same Invoker, but for the invocations that a fault is armed for.
 *
 * @param injected told of each fault as it happens, in words
 * @example withFaults(invoker, faults, (fault) => events.publish({ kind: 'faultInjected', fault }))
 */
export function withFaults(invoker: Invoker, faults: Pick<Faults, 'next'>, injected: (fault: string) => void): Invoker {
  return {
    ready: (signal) => invoker.ready(signal),
    close: () => invoker.close(),
    invoke: async (name, payload, signal) => {
      const fault = faults.next()
      if (fault === undefined) return invoker.invoke(name, payload, signal)
      const { kind, delayMs } = fault
      injected(faultName(fault))
      switch (kind) {
        case 'throw':
          return { kind: 'functionError', errorType: 'InjectedFault', message: 'the function was not called' }
        case 'throttle':
          return { kind: 'throttled', message: 'InjectedFault: the function was not called' }
        case 'slow':
          await delay(delayMs, undefined, { signal }).catch(() => undefined)
          return invoker.invoke(name, payload, signal)
        case 'duplicate': {
          const first = await invoker.invoke(name, payload, signal)
          return first.kind === 'success' ? invoker.invoke(name, payload, signal) : first
        }
        case 'lostAnswer': {
          const outcome = await invoker.invoke(name, payload, signal)
          if (outcome.kind !== 'success') return outcome
          return {
            kind: 'functionError',
            errorType: 'InjectedFault',
            message: 'the function did its work; its answer is lost',
          }
        }
      }
    },
  }
}
