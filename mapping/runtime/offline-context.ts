// What the plugin gives to the modules that serverless-offline loads in place of its own: it makes them itself, so that nothing can
// be handed to them.

import type { Log } from '../log.ts'
import { type AllowedHosts, noRemoteHosts } from '../safety.ts'

export interface OfflineContext {
  readonly log: Pick<Log, 'error' | 'notice' | 'warning'>
  readonly allowed: AllowedHosts
  /** Whether `sls offline` ends: no handler is waited for. */
  readonly isEnding: () => boolean
}

let current: OfflineContext = {
  log: { error: console.error, warning: console.warn, notice: console.log },
  allowed: noRemoteHosts,
  isEnding: () => false,
}

/** @example offlineContext().log.error('bars: after its answer: Error: late') */
export const offlineContext = (): OfflineContext => current

export function setOfflineContext(context: OfflineContext): void {
  current = context
}
