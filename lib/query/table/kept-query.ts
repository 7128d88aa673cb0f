// The query that is asked, as it reads what a query has kept: in that one's output mode, with the places of its parts.

import type { OutputMode } from '../../aggregate/output-mode.ts'
import { MicrobatchError } from '../../error.ts'
import type { Progress } from '../../state/items/progress.ts'
import { takeoverOf } from '../../state/protocol/evolution/takeover.ts'
import { waysOut } from '../../state/protocol/operators/compatibility.ts'
import type { LastingQuery } from '../../state/protocol/operators/stateful-query.ts'

/** What the state says by itself. */
const spread = new Set(['shards'])

/** @throws MicrobatchError STATE_INCOMPATIBLE where it is another query's */
export function asKept(progress: Progress, given: LastingQuery): LastingQuery {
  const query = { ...given, outputMode: modeOf(progress, given) }
  try {
    return { ...query, layout: takeoverOf(progress, query, spread).layout }
  } catch (error) {
    if (!(error instanceof MicrobatchError) || error.code !== 'STATE_INCOMPATIBLE') throw error
    const message = error.message.replace(waysOut, 'Ask by the query that writes it: deploy the two together.')
    throw new MicrobatchError('STATE_INCOMPATIBLE', message, { cause: error })
  }
}

/** It says which groups are gone. */
function modeOf({ fingerprint }: Progress, { outputMode }: LastingQuery): OutputMode {
  const kept = fingerprint.get('outputMode')
  return kept === 'append' || kept === 'update' || kept === 'complete' ? kept : outputMode
}
