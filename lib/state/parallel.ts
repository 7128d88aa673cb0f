// Work on many groups at a time, a bounded number of them. When one fails no other is begun, and the failure is thrown
// only after the running ones have ended: a failed batch leaves nothing going on behind its back.

/** Results in the order of `items`. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const queue = items.entries()
  let failed = false
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return
      try {
        results[index] = await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker))
  for (const outcome of workers) if (outcome.status === 'rejected') throw outcome.reason
  return results
}
