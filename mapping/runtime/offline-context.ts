// What the plugin gives to the modules that serverless-offline loads in place of its own: it makes them itself, so that nothing can
// be handed to them.

import type { Log } from '../log.ts'
import { type AllowedHosts, noRemoteHosts } from '../safety.ts'

export interface OfflineContext {
  readonly log: Pick<Log, 'error' | 'notice' | 'warning'>
  readonly allowed: AllowedHosts
  /** Aborted where `sls offline` ends: no handler is waited for. */
  readonly ending: AbortSignal
}

let current: OfflineContext = {
  log: { error: console.error, warning: console.warn, notice: console.log },
  allowed: noRemoteHosts,
  ending: new AbortController().signal,
}

/** @example offlineContext().log.error('bars: after its answer: Error: late') */
export const offlineContext = (): OfflineContext => current

export function setOfflineContext(context: OfflineContext): void {
  current = context
}
