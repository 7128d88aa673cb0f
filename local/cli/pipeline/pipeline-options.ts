// What a run of `start` is given, and what serverless.yml has to do with it.
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import type { Service } from '../service/service.ts'
import type { CliSettings } from '../service/settings.ts'
import type { OfflinePorts } from './offline.ts'
import type { RunLog } from './run-log.ts'
import type { TableLog } from './table-log.ts'

export interface PipelineOptions {
  readonly service: Service
  readonly settings: CliSettings
  /** Reads it while Kafka starts; its failure ends the start. */
  readonly readDefinition: () => Promise<PrintedService>
  readonly recordFile: string | undefined
  readonly verbose: boolean
  readonly log: RunLog
  readonly tables: TableLog
  /** Its own words, for people. */
  readonly notice: (line: string) => void
}

/** What the definition has to do with a start. */
export interface Deployment {
  readonly definition: PrintedService
  readonly ports: OfflinePorts
}
