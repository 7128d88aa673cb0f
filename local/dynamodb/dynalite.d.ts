// dynalite 4.0.0 comes without types: what is used of it.
declare module 'dynalite' {
  import type { Server } from 'node:http'

  interface Options {
    /** The LevelDB folder; in memory without it. */
    readonly path?: string
    /** How long a table stays CREATING, DELETING, UPDATING; 500 each. */
    readonly createTableMs?: number
    readonly deleteTableMs?: number
    readonly updateTableMs?: number
  }

  export default function dynalite(options?: Options): Server
}
