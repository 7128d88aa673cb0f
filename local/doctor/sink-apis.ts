// The S3 and the SQS that start runs for the sinks of a service: whether Java can run them. Pure: what was found comes in, in words.
import type { Finding } from './finding.ts'

export interface SinkApiCheck {
  /** `S3` */
  readonly service: string
  /** What stands for it: `S3Proxy`. */
  readonly program: string
  /** The buckets or queues. */
  readonly places: readonly string[]
  /** Where the sinks write without it. */
  readonly dataDir: string
  /** Why it cannot run, in words; undefined where it can. */
  readonly problem: string | undefined
}

/** Nothing stops without one: the sinks write to files. */
export function checkSinkApi({ service, program, places, dataDir, problem }: SinkApiCheck): Finding {
  const what = `${program}, for ${places.join(', ')}`
  if (problem === undefined) return { level: 'ok', subject: service, says: what }
  return {
    level: 'warning',
    subject: service,
    says: `no ${what}: ${problem}; the sinks write below ${dataDir}`,
    remedy: `install Java 17 with Maven, or name one that runs: AWS_ENDPOINT_URL_${service}`,
  }
}
