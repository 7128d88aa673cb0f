// The application's handlers, found by path: local/ imports nothing of an application. Loading them makes their queries and
// reads their environment, so a setting that is wrong is found here, in one line, before anything is started for them.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { projectDir } from './settings.ts'

/** @throws LocalError SETTINGS_INVALID with the words in which the handlers refuse their environment */
export async function loadHandlers(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(join(projectDir, 'handlers', file)).href)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new LocalError('SETTINGS_INVALID', error.message, { cause: error })
  }
}
