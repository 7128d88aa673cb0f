// The settings every schedule is run under, and how a failing one is shown.
import type { ScheduleResult } from './driver.ts'
import type { Plan } from './simulation.ts'

export const settings = (['append', 'update', 'complete'] as const).flatMap((mode) =>
  (['min', 'max', 'idle'] as const).map((policy) => ({ mode, policy })),
)

export function explained({ seed, mode, policy }: Plan, { violation, trace }: ScheduleResult): string {
  return `seed ${seed}, ${mode}, ${policy}: ${violation?.message ?? 'no violation'}\n${trace.join('\n')}`
}
