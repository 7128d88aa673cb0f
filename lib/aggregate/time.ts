// The two clocks, kept apart by their types: when something happened (event time, from a record) and when this machine
// saw it (wall time, an argument of the caller). Both are epoch milliseconds; one is never taken for the other.

/** When a row says it happened: integer epoch milliseconds, UTC. */
export type EventTimeMs = number & { readonly '~clock': 'event' }

/** When this machine saw something: integer epoch milliseconds, UTC. */
export type WallTimeMs = number & { readonly '~clock': 'wall' }

/** @example eventTimeMs(tick.timestamp) */
export const eventTimeMs = (epochMs: number): EventTimeMs => epochMs as EventTimeMs

/** @example wallTimeMs(Date.now()) */
export const wallTimeMs = (epochMs: number): WallTimeMs => epochMs as WallTimeMs
