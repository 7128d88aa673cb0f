// The framework plugin: a function that runs a query says so by an event of its own kind, `query`, one that asks it by `asks`, and one
// that writes to Kafka by `produces`; all else follows from them. While plugins are loaded it puts variables of its own source in the place of what follows,
// so that these values are known as late as any other, and `sls print`, serverless-offline and the packager see ordinary events.

import { chosenFunctions } from './chosen-queries.ts'
import { type Deployment, type DeploymentInput, deployment } from './deployment.ts'
import { functionsOf, isObject } from './functions.ts'
import { type CliOptions, type Given, inputOfLiterals, inputOfVariables } from './input.ts'
import { roleId } from './names.ts'
import { Refusal } from './refusal.ts'

/** The parts of the `serverless` object that are used. */
interface Serverless {
  readonly serviceDir?: string
  readonly configurationInput?: Readonly<Record<string, unknown>>
  /** The variables that are not filled in yet. */
  readonly variablesMeta: { readonly size: number }
  readonly processedInput: { readonly isHelpRequest: boolean }
  readonly configSchemaHandler: {
    defineFunctionEvent(provider: string, name: string, schema: object): void
    defineFunctionProperties(provider: string, schema: object): void
  }
  extendConfiguration(path: readonly string[], value: unknown): void
  readonly classes: { readonly Error: new (message: string, code?: string) => Error }
}

interface Logging {
  readonly log: { warning(text: string): void }
}

const laptopProblem =
  'kafka=local is for this machine. Say which Kafka to deploy against: --param kafka=msk, msk-new or ' +
  'self-managed. docs/deploy.md has the commands.'

interface Resolution {
  readonly address?: string | null
  resolveVariable(variable: string): Promise<unknown>
}

/** What stands in the place of an event, a variable, the resources: a variable, or its value. */
type Value = (part: keyof Deployment, key?: string) => unknown

const source = 'microbatch'
/** The framework leaves the errors of variables as they are where they begin so. */
const prefix = `Cannot resolve variable at "${source}": `

export default class MicrobatchPlugin {
  readonly hooks: Readonly<Record<string, () => void>>
  readonly configurationVariablesSources = {
    [source]: { resolve: (resolution: Resolution) => this.#resolve(resolution) },
  }
  readonly #serverless: Serverless
  readonly #given: Given
  readonly #refusals = new Map<string, Error>()
  #isDeployable = true

  constructor(serverless: Serverless, options: CliOptions, { log }: Logging) {
    this.#serverless = serverless
    this.hooks = {
      'before:deploy:deploy': () => this.#refuseLaptop(),
      'before:package:finalize': () => {
        if (!this.#isDeployable) log.warning(`This package is for no deployment: ${laptopProblem}`)
      },
      error: endSoon,
    }
    // All are checked in queries.ts and askers/asker.ts, whose refusals say more than the framework's schemas can.
    const named = { anyOf: [{ type: 'string' }, { type: 'object' }] }
    serverless.configSchemaHandler.defineFunctionEvent('aws', 'query', { type: 'object' })
    serverless.configSchemaHandler.defineFunctionProperties('aws', { properties: { produces: named, asks: named } })

    const leftOut = this.#leaveOut()
    const { configurationInput: configuration = {}, variablesMeta, processedInput } = serverless
    const placed = functionsOf(configuration.functions)
    const { custom } = configuration
    // The settings are copied: the configuration is about to be written to.
    const settings = isObject(custom) ? structuredClone(custom[source]) : undefined
    this.#given = { functions: placed.map(({ given }) => given), settings }
    if (leftOut.length > 0) serverless.extendConfiguration(['custom', source, 'leftOut'], leftOut)
    if (placed.length === 0 || processedInput.isHelpRequest) return
    // Where no variable is left, all is known, and the framework would look for none of ours.
    if (variablesMeta.size > 0) {
      this.#extend(placed, variable)
      return
    }
    const literals = { configuration, options, environment: process.env }
    const made = this.#made(inputOfLiterals(literals, this.#given, this.#serviceDir))
    this.#extend(placed, (part, key) => partOf(made, part, key))
  }

  /** Before anything else looks at the functions. */
  #leaveOut(): readonly string[] {
    const { configurationInput } = this.#serverless
    try {
      const chosen = chosenFunctions(configurationInput?.functions, process.env.QUERIES)
      if (chosen !== null) this.#serverless.extendConfiguration(['functions'], chosen.functions)
      return chosen?.leftOut ?? []
    } catch (error) {
      throw error instanceof Refusal ? this.#shown(error.message) : error
    }
  }

  #extend(placed: ReturnType<typeof functionsOf>, value: Value): void {
    const extend = (path: readonly string[], by: unknown) => this.#serverless.extendConfiguration([...path], by)
    for (const { path, given } of placed) {
      const { key, queries, produces, asks, hasRole, hasNetwork } = given
      extend([...path, 'environment'], value('environment', key))
      if (queries.length > 0 || asks !== undefined) extend([...path, 'events'], value('events', key))
      if (!hasRole) extend([...path, 'role'], { 'Fn::Sub': `\${${roleId(key)}.Arn}` })
      const mayWrite = produces !== undefined || queries.some(hasSinks)
      if (mayWrite && !hasNetwork) extend([...path, 'vpc'], value('vpc', key))
    }
    const { resources } = this.#serverless.configurationInput ?? {}
    const own = resources === undefined || resources === null ? [] : [resources].flat()
    extend(['resources'], [...own, value('resources')])
    extend(['custom', source, 'queries'], value('queries'))
  }

  async #resolve({ address, resolveVariable }: Resolution): Promise<{ readonly value: unknown }> {
    if (address === 'given') return { value: this.#given }
    // The framework fills in the variables of what it is answered.
    const given = (await resolveVariable(`${source}:given`)) as Given
    const made = this.#made(await inputOfVariables(resolveVariable, given, this.#serviceDir), prefix)
    const [part = '', key] = (address ?? '').split('.')
    return { value: partOf(made, part, key) }
  }

  get #serviceDir(): string {
    return this.#serverless.serviceDir ?? process.cwd()
  }

  #made(input: DeploymentInput, before = ''): Deployment {
    try {
      const made = deployment(input)
      this.#isDeployable = made.isDeployable
      return made
    } catch (error) {
      throw error instanceof Refusal ? this.#shown(`${before}${error.message}`) : error
    }
  }

  /** One error for all variables that a refusal concerns: the framework lists the same error once. */
  #shown(words: string): Error {
    const shown = this.#refusals.get(words) ?? new this.#serverless.classes.Error(words, 'DEPLOYMENT_REFUSED')
    this.#refusals.set(words, shown)
    return shown
  }

  /** Without it, `sls deploy` without parameters would make mappings to localhost, and functions that hold paths of this machine. */
  #refuseLaptop(): void {
    if (this.#isDeployable) return
    throw new this.#serverless.classes.Error(laptopProblem, 'KAFKA_PARAMETER_MISSING')
  }
}

/**
 * Where a handler cannot be bundled, serverless-esbuild leaves its builder running, and the framework, which has said why, would wait
 * for it without end.
 */
function endSoon(): void {
  setTimeout(() => process.exit(process.exitCode || 1), 1_000).unref()
}

/** Also where a variable stands for them. */
const hasSinks = (query: unknown): boolean =>
  isObject(query) && 'sinks' in query && !(isObject(query.sinks) && Object.keys(query.sinks).length === 0)

/** The network of a function may be none; the framework wants a value for that. */
const variable: Value = (part, key) =>
  `\${${source}:${part}${key === undefined ? '' : `.${key}`}${part === 'vpc' ? ', null' : ''}}`

function partOf(made: Deployment, name: string, key: string | undefined): unknown {
  const part: unknown = Reflect.get(made, name)
  return key === undefined ? part : Reflect.get(Object(part), key)
}
