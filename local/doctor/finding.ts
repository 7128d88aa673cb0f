// What one check of `microbatch doctor` found: a line for a person. `ok` needs nothing, with a `warning` start works in part
// or in another way, with a `problem` it does not.
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'

export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem'
  /** What was looked at: `Java`, `port 9092`, `localhost:9092`. */
  readonly subject: string
  readonly says: string
  /** What to do about it; nothing where all is well. */
  readonly remedy?: string
}

/** @example lineOf({ level: 'ok', subject: 'Node', says: 'v24.21.0' }) // 'ok       Node              v24.21.0' */
export function lineOf({ level, subject, says, remedy }: Finding): string {
  const text = remedy === undefined ? says : `${says.replace(/\.$/, '')}. To do: ${remedy}`
  return `${level.padEnd(9)}${printable(subject).padEnd(17)} ${printable(text.replaceAll(/\s+/g, ' '), 1_000)}`
}

/** `9 checks: 8 ok, 0 warnings, 1 problem` */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  const several = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
  const parts = [`${count('ok')} ok`, several(count('warning'), 'warning'), several(count('problem'), 'problem')]
  return `${several(findings.length, 'check')}: ${parts.join(', ')}`
}
