// The sources of a plan. Most have one. A union has several whose rows go the same way; a join has those of its other side, whose
// rows go their own way up to the stage that joins them. What reads a source sees the plan as that source has it.

import { refuse } from '../../error.ts'
import type { OtherSource, Plan, RowOperator, WatermarkStep } from './plan.ts'

/** The plan as each of its sources has it, its own first. */
export function sourcesOf(plan: Plan): readonly Plan[] {
  return [plan, ...plan.others.map((other) => seenBy(plan, other))]
}

function seenBy(plan: Plan, { source, operators, watermark, columns, joinedAt }: OtherSource): Plan {
  const own = { ...plan, source, operators, watermark, others: [] }
  const stage = joinedAt === null ? undefined : plan.stages[joinedAt]
  // The rows of a join's other side come in at its stage: what is kept of them has their columns.
  return stage === undefined ? own : { ...own, stages: [{ ...stage, input: columns }], aggregation: null }
}

/** The topics that the rows of one source come from; rows that no Kafka delivered have a name in their place. */
export const ownTopics = ({ source }: Pick<Plan, 'source'>): readonly string[] =>
  source.kind === 'kafka' ? source.topics : [source.topic]

/** The topics that rows come from, of all sources. */
export const topicsOf = (plan: Plan): readonly string[] => [plan, ...plan.others].flatMap(ownTopics)

/**
 * The topic of the source of that name: a topic, or the stream that the plain rows of a source are called after.
 * @throws MicrobatchError QUERY_INVALID naming those that there are
 */
export function sourceNamed(plan: Plan, name: string): string {
  const topics = topicsOf(plan)
  if (topics.includes(name)) return name
  if (name === plan.name && plan.source.kind === 'rows') return plan.source.topic
  const known = [...(plan.source.kind === 'rows' ? [plan.name] : ownTopics(plan)), ...plan.others.flatMap(ownTopics)]
  return refuse(`${plan.name} has no source ${JSON.stringify(name)}. It has ${known.join(', ')}.`)
}

/** All of them, as one text: the same in whatever order the query names them. */
export const topicsText = (plan: Plan): string => topicsOf(plan).toSorted().join(',')

/** The watermarks of a plan, each once, though several sources of a union may share it. */
export function watermarksOf(plan: Plan): readonly WatermarkStep[] {
  const steps = [plan, ...plan.others].flatMap(({ watermark }) => (watermark === null ? [] : [watermark]))
  return steps.filter(({ definition }, i) => steps.findIndex((step) => step.definition === definition) === i)
}

/** The columns of rows as they are judged late, those of a join's other side behind those of the first. */
export function columnsOfLate({ stages, aggregation, others }: Plan): Plan['columns'] {
  const late = new Map(stages[0]?.input ?? aggregation?.input)
  for (const { joinedAt, columns } of others) {
    if (joinedAt === null) continue
    for (const [name, column] of columns) if (!late.has(name)) late.set(name, column)
  }
  return late
}

/** The longest delay of its watermarks, milliseconds; null where there is none. */
export function delayOf(plan: Plan): number | null {
  const delays = watermarksOf(plan).map(({ delayMs }) => delayMs)
  return delays.length === 0 ? null : Math.max(...delays)
}

/** The plan with one more operator before everything that keeps state, for the rows of each source that goes the same way. */
export function withRowOperator(plan: Plan, operator: RowOperator): Plan {
  const add = <S extends Pick<Plan, 'operators'>>(to: S): S => ({ ...to, operators: [...to.operators, operator] })
  return { ...add(plan), others: plan.others.map((other) => (other.joinedAt === null ? add(other) : other)) }
}

/**
 * The sources of another plan, as a plan takes them up beside its own.
 * @param what is done with them, for messages
 * @throws MicrobatchError QUERY_INVALID for a source that both have, or that cannot be read beside another
 */
export function takenUp(
  plan: Plan,
  other: Plan,
  { what, joinedAt }: { readonly what: string; readonly joinedAt: number | null },
): readonly OtherSource[] {
  const taken = [other, ...other.others].map(({ source, operators, watermark }): OtherSource => {
    const named = source.kind === 'rows' && source.topic === ownRows ? { ...source, topic: other.name } : source
    return { source: named, operators, watermark, columns: other.columns, joinedAt }
  })
  for (const { source } of [plan, ...plan.others, ...taken]) {
    if (source.kind === 'kafka' && source.keyedBy !== null) {
      refuse(`${plan.name}: keyedBy is for a query of one topic, and ${what} has several. Leave it out.`)
    }
  }
  const topics = [...topicsOf(plan), ...(plan.source.kind === 'rows' ? [plan.name] : []), ...taken.flatMap(ownTopics)]
  const twice = topics.find((topic, i) => topics.indexOf(topic) !== i)
  if (twice === undefined) return taken
  const remedy =
    plan.source.kind === 'rows'
      ? "Give the other stream a name of its own: stream('…')."
      : 'Read it once, and let one of them take rows of another topic.'
  return refuse(`${plan.name}: ${what} reads ${twice} twice; a row finds its side by where it is from. ${remedy}`)
}

/** Where the rows of a plan are from that no Kafka delivered; those of another source have the name of their stream. */
export const ownRows = 'rows'
