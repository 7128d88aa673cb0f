// The schema registry that a service names on this machine: found, or started and kept running for as long as the pipeline.
import { isTaken } from '../../../process/port.ts'
import { neededPort, registryNames } from '../../../registry/needed.ts'
import { type LocalRegistry, startRegistry } from '../../../registry/server.ts'
import { dataOf } from '../../service/data.ts'
import { functionEnvironment } from '../../service/environment.ts'
import { type KeptRunning, keepRunning } from '../keep-running.ts'
import type { Deployment, PipelineOptions } from '../pipeline-options.ts'

/** @returns undefined where the service names none here, or something answers there already */
export async function keepRegistry(
  { service, notice }: PipelineOptions,
  { definition }: Deployment,
  signal: AbortSignal,
): Promise<KeptRunning<LocalRegistry> | undefined> {
  const environmentOf = (key: string) => functionEnvironment(definition, definition.functions[key] ?? {})
  const port = neededPort(registryNames(definition, environmentOf))
  if (port === undefined) return undefined
  if (await isTaken(port)) {
    notice(`The schema registry at localhost:${port} is the one that runs there.`)
    return undefined
  }
  notice('Starting a schema registry (Apicurio Registry) ...')
  const start = (startSignal: AbortSignal) =>
    startRegistry({
      port,
      dataDir: dataOf(service).registry,
      libsDir: service.kafkaLibsDir,
      log: notice,
      signal: startSignal,
    })
  return keepRunning<LocalRegistry>({ name: 'the schema registry', notice, start }, signal)
}
