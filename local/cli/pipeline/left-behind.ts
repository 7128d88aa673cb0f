// Groups that have read and whose query has no state: the query was renamed, or its state was deleted. Their offsets go on, so that what
// was counted before is in no state, and every total that was open will be short. Nothing in a batch shows it, so a start says it.
import type { Admin } from 'kafkajs'
import type { Consumer } from '../service/definition.ts'
import type { StatefulQuery } from '../service/handler-check.ts'

/** @returns the keys of the functions whose group has committed an offset: asked before they run */
export async function functionsThatHaveRead(
  admin: Admin,
  consumers: readonly Consumer[],
): Promise<ReadonlySet<string>> {
  const haveRead = new Set<string>()
  for (const { functionKey, topic, groupId } of consumers) {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
    // Where there is no commit, Kafka says -1.
    if (found?.partitions.some(({ offset }) => Number(offset) > 0)) haveRead.add(functionKey)
  }
  return haveRead
}

/**
 * A line for each. Pure.
 * @example leftBehind([{ key: 'bars', name: 'bars', isKept: false }], new Set(['bars'])) // ['WARN  bars: …']
 */
export const leftBehind = (queries: readonly StatefulQuery[], haveRead: ReadonlySet<string>): readonly string[] =>
  queries
    .filter(({ key, isKept }) => !isKept && haveRead.has(key))
    .map(
      ({ key, name }) =>
        `WARN  ${key}: its group goes on at its offsets, and nothing is kept under the name of its query, "${name}": what was counted ` +
        'before is missing in its results. Was the query renamed, or its state deleted? The name of before goes on; ' +
        'microbatch start --fresh, or another consumerGroupId, begins anew.',
    )
