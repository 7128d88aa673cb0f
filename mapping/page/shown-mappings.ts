// Running mappings as the page takes them: what it looks at, and what its buttons do. The page knows a mapping by nothing else.

import { type Fault, type Faults, faultName } from '../dispatch/faults.ts'
import type { Permits } from '../dispatch/permits.ts'
import type { MappingIdentity } from '../events/mapping-event.ts'
import type { InvokePayload, Invoker } from '../invoke/invoker.ts'
import type { Mapping } from '../mapping.ts'
import type { MappingSettings } from '../settings/settings.ts'
import type { PageOptions } from './page.ts'

export interface RunningMapping {
  readonly mapping: Mapping
  readonly settings: MappingSettings
  readonly identity: MappingIdentity
  readonly functionName: string
  readonly faults: Faults
}

/**
 * @param invoker without faults: a replay is not disturbed
 * @example openPage({ port, service, mappings: running.map((one) => shownMapping(one, invoker, permits)), log })
 */
export function shownMapping(
  { mapping, settings, identity, functionName, faults }: RunningMapping,
  invoker: Invoker,
  permits: Permits,
): PageOptions['mappings'][number] {
  const { functionKey } = settings
  const replay = (payload: InvokePayload) => {
    // Not the one that every mapping may have in any case.
    if (!permits.isFree(functionKey, 1)) return undefined
    permits.take(functionKey)
    const outcome = invoker.invoke(functionName, payload, new AbortController().signal)
    return outcome.finally(() => permits.release(functionKey))
  }
  return {
    ...{ identity, settings, metrics: mapping.metrics },
    lags: () => mapping.lags(),
    isPaused: () => mapping.isPaused,
    faults: () => faults.armed().map(({ id, ...fault }) => ({ id, text: faultText(fault) })),
    controls: {
      pause: () => mapping.pause(),
      resume: () => mapping.resume(),
      rejoin: () => mapping.rejoin(),
      ...{ faults, replay },
    },
  }
}

/** @example faultText({ kind: 'slow', nth: 2, times: 3, delayMs: 500 }) // 'slow down, 500 ms: 3 invocations, after 1 more' */
export function faultText(fault: Fault): string {
  const { nth, times } = fault
  const which = times === 1 ? (nth === 1 ? 'the next invocation' : 'one invocation') : `${times} invocations`
  return `${faultName(fault)}: ${which}${nth === 1 ? '' : `, after ${nth - 1} more`}`
}
