// The parameters of a deployment: `--param name=value` on the command line, else `params` of the stage, else `params.default`, else
// the default of forms.ts. All are checked here, with the rules between them, before anything is built or sent.

import { Refusal } from '../refusal.ts'
import { Forms, type Parameters, parameterDefaults } from './forms.ts'
import { contradictions, type Needs } from './rules.ts'

export type { Parameters }

export const parameterNames: readonly string[] = Object.keys(Forms.shape)

/**
 * @param values by name; an empty one is one that was not given
 * @throws Refusal naming every parameter that is wrong and what it takes
 * @example readParameters({ kafka: 'msk', clusterArn: 'arn:aws:kafka:…' }, { producers: false }).keepData // false
 */
export function readParameters(values: Readonly<Record<string, unknown>>, needs: Needs): Parameters {
  const defaults = new Map<string, unknown>(Object.entries(parameterDefaults))
  const given = parameterNames.map((name) => [name, orElse(values[name], defaults.get(name))] as const)
  const result = Forms.safeParse(Object.fromEntries(given))
  const problems = result.success
    ? Array.from(contradictions(result.data, needs), ([name, problem]) => `${name}: ${problem}`)
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  if (result.success && problems.length === 0) return result.data
  throw new Refusal(`Parameters of the deployment: ${problems.join('; ')}. See docs/deploy.md.`)
}

const orElse = (value: unknown, standard: unknown): unknown =>
  value === '' || value === undefined || value === null ? standard : value
