// The ports that start listens on: free, or held by whom. Pure.
import type { Finding } from './finding.ts'

export interface PortUse {
  readonly port: number
  /** `Kafka`, `DynamoDB` */
  readonly use: string
  /** The environment variable that gives it another; undefined where it has only this one. */
  readonly variable: string | undefined
  /** Who has it, in words; undefined when it is free. */
  readonly holder: string | undefined
  /** What has the port answers as Kafka. */
  readonly isKafka?: boolean
}

/**
 * @param ourStart the `microbatch start` that runs in this folder, in words: the ports are its own then
 * @example checkPort({ port: 3002, use: 'Lambda', variable: 'OFFLINE_LAMBDA_PORT', holder: 'process 7 (nc)' }, undefined)
 */
export function checkPort(
  { port, use, variable, holder, isKafka = false }: PortUse,
  ourStart: string | undefined,
): Finding {
  const subject = `port ${port}`
  if (holder === undefined) return { level: 'ok', subject, says: `free, for ${use}` }
  if (ourStart !== undefined) return { level: 'ok', subject, says: `${use}, of start, which runs here (${ourStart})` }
  const says = `taken by ${holder}, and ${use} wants it`
  if (variable === undefined) return { level: 'warning', subject, says, remedy: `end it; without the port: no ${use}` }
  const another = `end it, or take another: ${variable}=${port + 100}`
  if (!isKafka) return { level: 'problem', subject, says, remedy: another }
  const remedy = `to use this Kafka: microbatch start --brokers localhost:${port}; otherwise ${another}`
  return { level: 'problem', subject, says: `taken by ${holder}, a Kafka that start did not start`, remedy }
}
