// `withWatermark` as a function from plan to plan, and its checks. Behind a union it is one watermark of all sources.

import { delayMs } from '../../aggregate/duration.ts'
import { refuse } from '../../error.ts'
import { type Plan, requireTimestamp } from './plan.ts'
import { watermarksOf } from './sources.ts'
import { isStateful } from './stages/staged.ts'

export function withWatermark(plan: Plan, column: string, delay: string): Plan {
  if (watermarksOf(plan).length > 0) refuse(`${plan.name}: Redefining watermark is disallowed.`)
  if (isStateful(plan) || plan.after.length > 0) {
    refuse(
      `${plan.name}: withWatermark comes before groupBy and whatever else keeps state, on the rows whose event time it names.`,
    )
  }
  requireTimestamp(plan, column, ['timestamp'])
  const watermark = { column, delayMs: delayMs(delay), definition: {} }
  const below = <S extends Pick<Plan, 'operators'>>(rows: S): S => ({
    ...rows,
    watermark: { ...watermark, position: rows.operators.length },
  })
  return { ...below(plan), others: plan.others.map(below), eventTime: column }
}
