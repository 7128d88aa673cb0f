// What the actions on kept state share: which state it is, and how they say what they would do.
import { type KeptState, readKeptState } from 'microbatch/state'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { sayingWhatState } from '../../../state/failure.ts'
import { openPlace, type StatePlace } from '../../../state/place.ts'
import { withOptions } from '../../options.ts'
import { readDefinition } from '../../service/definition.ts'
import { findService, type Service } from '../../service/service.ts'
import { type CliSettings, readCliSettings } from '../../service/settings.ts'

export interface PlaceValues {
  readonly table?: string | undefined
  readonly endpoint?: string | undefined
  readonly stage?: string | undefined
  readonly dir?: string | undefined
  readonly 'allow-remote'?: readonly string[] | undefined
}

export interface ApplyValues {
  readonly apply: boolean
  readonly stopped: boolean
}

export interface StateAtHand {
  readonly service: Service
  readonly settings: CliSettings
  readonly definition: () => Promise<PrintedService>
  readonly place: StatePlace
}

/** @throws LocalError of what is refused; STATE_UNUSABLE in the words of the library */
export async function withState<T>(values: PlaceValues, work: (state: StateAtHand) => Promise<T>): Promise<T> {
  const settings = readCliSettings(withOptions(process.env, values))
  const service = findService({ dir: values.dir, environment: process.env })
  let reading: Promise<PrintedService> | undefined
  const definition = () => {
    reading ??= readDefinition(service, settings, values.stage)
    return reading
  }
  const place = await openPlace({ service, settings, definition, table: values.table, endpoint: values.endpoint })
  try {
    return await sayingWhatState(() => work({ service, settings, definition, place }))
  } finally {
    await place.close()
  }
}

/** @throws LocalError COMMAND_INVALID naming what is kept where nothing is under that name */
export async function keptOf({ store, name: where, queries }: StatePlace, name: string): Promise<KeptState> {
  const kept = await readKeptState(store, name)
  if (kept !== undefined) return kept
  const names = await queries()
  const there = names.length === 0 ? 'nothing' : `the state of ${names.join(', ')}`
  throw new LocalError(
    'COMMAND_INVALID',
    `There is no state of ${printable(name, 100)} in ${where}, which has ${there}.`,
  )
}
