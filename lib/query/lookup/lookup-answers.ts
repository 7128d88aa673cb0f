// What a static side answers to the rows of a batch. Only types.

type PlanRow = Readonly<Record<string, unknown>>

/** What a batch has been told so far: the same for all of its rows, whatever happens to the cache meanwhile. */
export interface LookupBatch {
  readonly nowMs: number
  readonly held: Map<string, readonly PlanRow[]>
  /** Keys that it asked for and that are not there. */
  readonly missing: Map<string, PlanRow>
}

export interface LookupAnswers {
  /**
   * The rows that have these values; none, and a missing key of the batch, where they are not there yet.
   * @param text the values in the order of `columns`, as one text
   * @throws MicrobatchError QUERY_INVALID outside of a batch, where they would have to be waited for
   */
  find(columns: readonly string[], text: string, key: PlanRow): readonly PlanRow[]
  /** From here on `find` is asked for this batch; for none with null. */
  enter(batch: LookupBatch | null): void
  /** Gets what the batch misses. */
  load(batch: LookupBatch): Promise<void>
}
