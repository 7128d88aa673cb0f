// How many invocations may run at once over all mappings of a start: never more of a function than its reservedConcurrency, and all
// together no more than a laptop bears, since each is a process or a thread there. Every mapping may have one.

export interface Permits {
  /** Whether another invocation may begin. @param own how many the asking mapping has in flight */
  readonly isFree: (functionKey: string, own: number) => boolean
  readonly take: (functionKey: string) => void
  readonly release: (functionKey: string) => void
  /** Calls once when one was released; who asked first is called first. */
  readonly whenReleased: (call: () => void) => void
}

export interface PermitLimits {
  /** Over all functions. */
  readonly max: number
  /** By function key; no limit of its own where it is left out. */
  readonly reserved: ReadonlyMap<string, number>
}

/** @example const permits = createPermits({ max: 8, reserved: new Map([['bars', 2]]) }); permits.isFree('bars', 0) // true */
export function createPermits({ max, reserved }: PermitLimits): Permits {
  const taken = new Map<string, number>()
  let total = 0
  let waiting = new Set<() => void>()
  const count = (functionKey: string, by: 1 | -1): void => {
    taken.set(functionKey, (taken.get(functionKey) ?? 0) + by)
    total += by
  }
  return {
    isFree: (functionKey, own) =>
      (taken.get(functionKey) ?? 0) < (reserved.get(functionKey) ?? Number.POSITIVE_INFINITY) &&
      (own === 0 || total < max),
    take: (functionKey) => count(functionKey, 1),
    release: (functionKey) => {
      count(functionKey, -1)
      const calls = waiting
      waiting = new Set()
      for (const call of calls) call()
    },
    whenReleased: (call) => void waiting.add(call),
  }
}

/** For a mapping that has the machine to itself. */
export const noPermitLimits: PermitLimits = { max: Number.POSITIVE_INFINITY, reserved: new Map() }
