// What a function printed, from the log events of Lambda: a line of its own for each line that it printed. Lambda's own lines and
// the counters of CloudWatch are left out. Pure.

/** Before what the console printed: time, request id, level (AWS's runtime client for Node). */
const prefix = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t([A-Z]+)\t/

/** What Lambda says of itself. */
const own = /^(START RequestId|END RequestId|REPORT RequestId|INIT_START|RESTORE_START|XRAY TraceId)\b/

export interface Printed {
  /** stdout is what console.log printed. The rest, Node's own warnings among it, is to be read as stderr is. */
  readonly stream: 'stdout' | 'stderr'
  readonly lines: readonly string[]
}

/**
 * The runtime client sends a text of several lines as one event, with \r for \n: CloudWatch would take it apart.
 * @example printed('2026-11-22T10:21:10.172Z\t97b4…\tINFO\t+---+\r|sum|\r') // { stream: 'stdout', lines: ['+---+', '|sum|', ''] }
 */
export function printed(message: string): Printed {
  const text = message.replace(/[\r\n]$/, '')
  if (own.test(text) || text.startsWith('{"_aws":')) return { stream: 'stderr', lines: [] }
  const stream = prefix.exec(text)?.[1] === 'INFO' ? 'stdout' : 'stderr'
  return { stream, lines: text.replace(prefix, '').split(/\r\n|\r|\n/) }
}
