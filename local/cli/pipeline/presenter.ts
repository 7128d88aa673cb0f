// What of the offline child's output a person sees. Handlers print tables, and whatever else they like, on stdout: that
// passes through untouched. Their log lines (JSON with a level) and the framework's own talk go to the log file; of the
// log lines, warnings and errors are also shown, as one short line. Pure: a line in, where it goes out.
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'

export interface Presented {
  /** For our stdout, as it came. */
  readonly output?: string
  /** For our stderr, one line without control characters. */
  readonly notice?: string
  /** For the log file, one line of JSON. */
  readonly log?: string
}

/** What serverless-offline and the framework say by themselves; none of it is news to somebody who ran `microbatch start`. */
const chatter = [
  /^$/,
  /^Starting Offline at stage /,
  /^Offline \[http for lambda\] listening/,
  /^Function names exposed for local invocation/,
  /^ {3}\* [\w-]+: [\w-]+$/,
  /^Scheduling \[/,
  /^Successfully invoked scheduled function: /,
  // esbuild's service says farewell with a stack when its parent goes at once
  /^fatal error: all goroutines are asleep|^goroutine \d+ |^\t|^main\.|^created by |^sync\.|^github\.com\/evanw\/esbuild/,
  /^\(λ: /,
  /^Compiling|^Building|^Watching|^✔ /,
  /^× Unhandled exception in handler /,
  /^× Unhandled Lambda Error during invoke /,
  // kafkajs 2.2.4 under Node 24, harmless
  /TimeoutNegativeWarning: |^Timeout duration was set to 1\.$|^\(Use `node --trace-warnings /,
  /^\s+at .*(:\d+|<anonymous>|native)\)?$/,
]

/** @example present('stdout', '+------+', false) // { output: '+------+' } */
export function present(stream: 'stdout' | 'stderr', line: string, verbose: boolean): Presented {
  const entry = line.startsWith('{') ? logEntry(line) : undefined
  if (entry !== undefined) {
    const isShown = verbose || entry.level !== 'INFO'
    return { log: line, ...(isShown ? { notice: describe(entry) } : {}) }
  }
  if (stream === 'stdout') return { output: line }
  const log = JSON.stringify({ level: 'DEBUG', message: line })
  if (chatter.some((pattern) => pattern.test(line)) && !verbose) return { log }
  return { log, notice: printable(line) }
}

/** The port of Node's `listen EADDRINUSE: address already in use 127.0.0.1:3000`: it does not say who has it. */
export function busyPort(line: string): number | undefined {
  const port = /EADDRINUSE.*:(\d+)$/.exec(line)?.[1]
  return port === undefined ? undefined : Number(port)
}

interface LogEntry {
  readonly level: string
  readonly message: string
  readonly fields: ReadonlyMap<string, unknown>
}

function logEntry(line: string): LogEntry | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined // it only looked like JSON
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { level, message, ...fields } = { level: undefined, message: undefined, ...value }
  if (typeof level !== 'string' || typeof message !== 'string') return undefined
  return { level, message, fields: new Map(Object.entries(fields)) }
}

/** What loggers add to every line, the same for all that a function says, and a stack: the log file has them. */
const unsaid = new Set(['stack', 'timestamp', 'service', 'sampling_rate', 'xray_trace_id', 'cold_start'])

/** `WARN  Kafka does not answer; waiting (pending 5)`: the scalar fields in their order, the invocation's id after them. */
function describe({ level, message, fields }: LogEntry): string {
  const said = [...fields].filter(([name, value]) => !unsaid.has(name) && isShort(value))
  const details = [...said.filter(([name]) => name !== 'requestId'), ...said.filter(([name]) => name === 'requestId')]
  const words = details.map(([name, value]) => `${name} ${value}`)
  const text = words.length === 0 ? message : `${message} (${words.join(', ')})`
  return printable(`${level.padEnd(5)} ${text}`, 400)
}

function isShort(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value !== '')
}
