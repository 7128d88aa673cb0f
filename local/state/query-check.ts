// Whether state that is to be written under a name is what the query of that name can read, by the query that a function of the service
// exports; what it refuses it would refuse in its first batch.
import { checkState, memoryState } from 'microbatch'
import { type MovedState, writeState } from 'microbatch/state'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { isFedByKafka } from '../cli/service/definition.ts'
import { loadHandlerModule } from '../cli/service/handler-module.ts'
import { queryIn } from '../cli/service/query.ts'
import type { Service } from '../cli/service/service.ts'

export type QueryCheck =
  /** The query of this function reads it. */
  | { readonly kind: 'fits'; readonly functionKey: string }
  /** No function exports a query of that name; `unread` are those whose modules do not load here. */
  | { readonly kind: 'unknown'; readonly unread: readonly string[] }

/**
 * @throws LocalError STATE_UNUSABLE naming every difference, where the query would refuse the state
 * @example await checkQuery(service, definition, 'bars2', moved)
 */
export async function checkQuery(
  service: Service,
  definition: PrintedService,
  name: string,
  state: MovedState,
): Promise<QueryCheck> {
  const unread: string[] = []
  for (const functionKey of Object.keys(definition.functions).filter((key) => isFedByKafka(definition, key))) {
    const module = await loadHandlerModule(service, definition, functionKey).catch((error: unknown) => {
      if (!(error instanceof Error)) throw error
      unread.push(functionKey)
    })
    const query = module && queryIn(module.exports, functionKey)
    if (query?.name !== name) continue
    const scratch = memoryState()
    await writeState(scratch, name, state, { rev: null, nowMs: 0, newToken: () => crypto.randomUUID() })
    await checkState(query, scratch).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'MicrobatchError') throw error
      throw new LocalError('STATE_UNUSABLE', error.message, { cause: error })
    })
    return { kind: 'fits', functionKey }
  }
  return { kind: 'unknown', unread }
}
