// The module of a function's handler, in this process, which then has the function's environment.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { functionOf } from './definition.ts'
import { functionEnvironment, withoutAwsAccount } from './environment.ts'
import { bundleHandler, type HandlerBundle } from './handler-bundle.ts'
import type { Service } from './service.ts'

export interface HandlerModule extends HandlerBundle {
  readonly exports: Readonly<Record<string, unknown>>
}

/** Each loading is of its own, with a state of its own, also where the same code is loaded again. */
let numLoaded = 0

/** The environment in which the command was called. */
const given = { ...process.env }

/**
 * @param overrides of the environment, after the function's own
 * @throws LocalError SETTINGS_INVALID where there is no such module, or in the words in which it refuses its environment
 * @example const { exports, handlerName } = await loadHandlerModule(service, definition, 'totals')
 */
export async function loadHandlerModule(
  service: Service,
  definition: PrintedService,
  functionKey: string,
  overrides: Readonly<Record<string, string>> = {},
): Promise<HandlerModule> {
  const bundle = await bundleHandler(service, definition, functionKey)
  const own = functionEnvironment(definition, functionOf(definition, functionKey))
  become({ ...withoutAwsAccount(given), ...own, ...overrides })
  return { ...bundle, exports: await load(bundle) }
}

function become(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
}

async function load({ url, file }: HandlerBundle): Promise<Readonly<Record<string, unknown>>> {
  try {
    numLoaded += 1
    const module: Readonly<Record<string, unknown>> = await import(`${url}&load=${numLoaded}`)
    // What a CommonJS module exports is the default of its bundle.
    const { default: whole } = module
    const isCommonJs = Object.keys(module).length === 1 && typeof whole === 'object' && whole !== null
    return isCommonJs ? { ...whole } : module
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new LocalError('SETTINGS_INVALID', `${file}: ${error.message}`, { cause: error })
  }
}
