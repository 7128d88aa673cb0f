// A file of test/golden2 with operators: the plan that Spark ran, what it was given in each phase, and what it answered.

import { readdirSync, readFileSync } from 'node:fs'
import type { OutputMode } from '../../../lib/index.ts'

export type Row = Readonly<Record<string, unknown>>

/** An operator of a plan, by the name and the arguments that README.md has. */
export type Operator = Readonly<Record<string, unknown>> & { readonly op: string }

export interface InputRow {
  readonly value: string | null
  readonly source?: string
}

export interface StateNumbers {
  readonly operatorName: string
  readonly numRowsTotal: number
  readonly numRowsUpdated: number
  readonly numRowsRemoved: number
  readonly numRowsDroppedByWatermark: number
  readonly numDroppedDuplicateRows?: number
}

/** One micro-batch of Spark's. */
export interface SparkBatch {
  readonly numInputRows: number
  readonly eventTime?: { readonly watermark: string }
  readonly state?: readonly StateNumbers[]
  readonly rows: readonly Row[]
  readonly ordered?: boolean
}

/** Micro-batches by phase. */
export type SparkPhases = readonly (readonly SparkBatch[])[]

export interface Refused {
  readonly error: string
  readonly class: string | null
  /** The answers before it died, where it started at all. */
  readonly phases?: SparkPhases
}

export type StreamMode = OutputMode | `${OutputMode}_steady`

export interface Scenario {
  readonly plan: readonly Operator[]
  readonly conf?: Readonly<Record<string, string>>
  readonly batches: readonly { readonly input: readonly InputRow[] }[]
  readonly expected: { readonly [Mode in StreamMode]?: SparkPhases | Refused } & {
    readonly batch?: { readonly rows: readonly Row[]; readonly ordered?: boolean } | Refused
  }
}

const folder = 'test/golden2'
const families = /^(chain|dedup|dedupww|join|limit|order|progress|session|static|union)-.*\.json$/

export const scenarioNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => families.test(file))
    .map((file) => file.slice(0, -'.json'.length))

export const readScenario = (name: string): Scenario => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))

/** The modes that a file has answers for. @example modesOf(scenario) // ['append', 'append_steady', 'batch'] */
export const modesOf = ({ expected }: Scenario): readonly (StreamMode | 'batch')[] =>
  Object.keys(expected) as (StreamMode | 'batch')[]
