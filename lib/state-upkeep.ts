// What the upkeep of kept state imports, `microbatch/state`: to look at it, take it elsewhere, remove it, and bring a new version of a
// query to where the old one is. A function that runs a query needs none of it.

export { type CatchUp, type CatchUpOptions, catchUp } from './query/catch-up.ts'
export {
  accountOf,
  type KeptLine,
  linesWithKey,
  type PartitionAccount,
  type ShardAccount,
  type StateAccount,
} from './state/archive/account.ts'
export { archiveLines, type MovedShard, type MovedState, movedState, parseArchive } from './state/archive/archive.ts'
export { type KeptState, type ReadKeptOptions, readKeptState } from './state/archive/kept-state.ts'
export { type Removed, removeState, type StandingState, standingState } from './state/archive/removed-state.ts'
export {
  removeUnfinished,
  sizeOf,
  unfinishedSince,
  type WriteOptions,
  type WrittenState,
  writeState,
} from './state/archive/written-state.ts'
export type { Progress } from './state/items/progress.ts'
export { readProgress } from './state/protocol/progress/progress-store.ts'
