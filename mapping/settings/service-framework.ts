// The service's own Serverless Framework: where it is installed.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LocalError } from '../error.ts'

/**
 * The framework that a service has installed: in its folder, or in one above it, as in a repository of several packages.
 * @returns the path of a Node program; undefined where none is installed
 */
export function frameworkOf(folder: string): string | undefined {
  const program = join(folder, 'node_modules/.bin/serverless')
  if (existsSync(program)) return program
  return dirname(folder) === folder ? undefined : frameworkOf(dirname(folder))
}

/** @example throw withoutFramework('/home/me/orders') */
export const withoutFramework = (folder: string): LocalError =>
  new LocalError(
    'SETTINGS_INVALID',
    `${folder} has no Serverless Framework in its node_modules: npm install, without --omit=dev (or NODE_ENV=production), with osls ` +
      'and serverless-offline among its devDependencies.',
  )
