// The two versions of a query, as the service has them: a function each, whose module exports its query, and a mapping each, of the same
// topic under a consumer group of its own.
import type { StreamingQuery } from 'microbatch'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { type MappingSettings, readSettings } from 'serverless-offline-kafka-mapping/internal/settings/settings'
import { functionOf } from '../cli/service/definition.ts'
import { loadHandlerModule } from '../cli/service/handler-module.ts'
import { type OverheardSpread, overheard, spreadOf } from '../cli/service/overheard-spread.ts'
import { queryIn } from '../cli/service/query.ts'
import type { Service } from '../cli/service/service.ts'

export interface Version {
  readonly functionKey: string
  readonly query: StreamingQuery
  readonly keepsState: boolean
  readonly mapping: MappingSettings
  /** Undefined where its handler does not say it in a way that is overheard. */
  readonly spread: OverheardSpread | undefined
}

export interface Versions {
  readonly old: Version
  readonly next: Version
}

/**
 * @throws LocalError COMMAND_INVALID naming what is not two versions of a query that can stand side by side; SETTINGS_INVALID
 * @example const { old, next } = await versionsOf(service, definition, 'bars', 'bars2')
 */
export async function versionsOf(
  service: Service,
  definition: PrintedService,
  oldKey: string,
  nextKey: string,
): Promise<Versions> {
  if (oldKey === nextKey) throw refused('the two versions are two functions')
  const old = await versionOf(service, definition, oldKey)
  const next = await versionOf(service, definition, nextKey)
  if (old.mapping.topic !== next.mapping.topic) {
    throw refused(
      `${nextKey} reads ${next.mapping.topic} and ${oldKey} ${old.mapping.topic}: offsets of one say nothing of the other`,
    )
  }
  if (next.keepsState && old.query.name === next.query.name) {
    const remedy = `give the new one a name of its own, stream('${next.query.name}-2') for one`
    throw refused(`both queries are named ${next.query.name}, under which their state is kept: ${remedy}`)
  }
  if (next.mapping.schemaRegistry !== undefined) {
    throw refused(`the mapping of ${nextKey} has a schema registry, through which a range of a topic is not read`)
  }
  return { old, next }
}

async function versionOf(service: Service, definition: PrintedService, functionKey: string): Promise<Version> {
  functionOf(definition, functionKey)
  const [mapping, other] = readSettings(definition, Date.now()).filter((it) => it.functionKey === functionKey)
  if (mapping === undefined) throw refused(`${functionKey} has no Kafka event`)
  if (other !== undefined)
    throw refused(`${functionKey} reads several topics, of which a moment is not told by offsets alone`)
  const { exports, file } = await overheard(() => loadHandlerModule(service, definition, functionKey))
  const query = queryIn(exports, functionKey)
  if (query === undefined) throw refused(`${file} exports no ${functionKey}Query: export the query beside its handler`)
  const { aggregation, stages } = query.plan
  return { functionKey, query, mapping, spread: spreadOf(query), keepsState: aggregation !== null || stages.length > 0 }
}

const refused = (problem: string): LocalError => new LocalError('COMMAND_INVALID', `catch-up: ${problem}.`)
