// The service that a command works for: the folder with serverless.yml at or above the working directory, and where its local
// data lie. Everything that a local run keeps is in one folder, which git ignores and other users of the machine cannot read.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { definitionFiles } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'

export interface Service {
  /** The folder of the definition: functions and packages are found from it. */
  readonly folder: string
  /** serverless.yml, or another of its names. */
  readonly definitionFile: string
  /** `.local/` of the folder, or LOCAL_DIR: a second run of one service has data of its own, and other ports. */
  readonly localDir: string
  /** Kafka's own jars, or KAFKA_LIBS_DIR. They are the same for every LOCAL_DIR. */
  readonly kafkaLibsDir: string
}

export interface ServiceLocation {
  /** `--dir`; the working directory where it is left out. */
  readonly dir: string | undefined
  /** LOCAL_DIR and KAFKA_LIBS_DIR are read of it. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * @throws LocalError COMMAND_INVALID where no folder on the way up holds a service
 * @example findService({ dir: undefined, environment: process.env }).localDir // '/home/me/service/.local'
 */
export function findService({ dir = '.', environment }: ServiceLocation): Service {
  const from = resolve(dir)
  const definitionFile = definitionAtOrAbove(from)
  if (definitionFile === undefined) {
    const problem = `There is no serverless.yml in ${from}, nor in a folder above it.`
    throw new LocalError(
      'COMMAND_INVALID',
      `${problem} Name the service by --dir FOLDER, or make one: microbatch init.`,
    )
  }
  const folder = dirname(definitionFile)
  return {
    folder,
    definitionFile,
    localDir: resolve(folder, environment.LOCAL_DIR || '.local'),
    kafkaLibsDir: resolve(folder, environment.KAFKA_LIBS_DIR || '.local/kafka/libs'),
  }
}

function definitionAtOrAbove(folder: string): string | undefined {
  const here = definitionFiles.map((name) => join(folder, name)).find((file) => existsSync(file))
  if (here !== undefined || dirname(folder) === folder) return here
  return definitionAtOrAbove(dirname(folder))
}

/** Makes the folder of the local data: mode 0700, and ignored by git whatever the service's own .gitignore says. */
export function makeLocalDir({ localDir }: Pick<Service, 'localDir'>): void {
  mkdirSync(localDir, { recursive: true })
  chmodSync(localDir, 0o700) // something else may have made it before
  const ignore = join(localDir, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
}
