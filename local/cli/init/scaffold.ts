// The smallest service, written into a folder: a query as a Lambda handler, its serverless.yml, its test. The files stand beside
// this one as they are, but for the names and versions that are filled in.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'

/** Each with the name that it has in the folder. */
const files: ReadonlyMap<string, string> = new Map([
  ['package.json.template', 'package.json'],
  ['serverless.yml.template', 'serverless.yml'],
  ['handlers.ts.template', 'handlers.ts'],
  ['totals.ts.template', 'totals.ts'],
  ['totals.test.ts.template', 'totals.test.ts'],
  // npm leaves a file of the name .gitignore out of a package.
  ['gitignore.template', '.gitignore'],
])

/** What package.json says of each of our packages. */
export type PackageVersions = Readonly<
  Record<'microbatch' | 'microbatch-local' | 'serverless-offline-kafka-mapping', string>
>

/**
 * Writes the service. Nothing that is there is overwritten.
 * @returns the names of the files
 * @throws LocalError COMMAND_INVALID for a folder whose name no service can have, or that has one of the files
 * @example scaffold('/home/me/orders', publishedVersions('0.2.0'))
 */
export function scaffold(folder: string, versions: PackageVersions): readonly string[] {
  const name = basename(resolve(folder))
  // what the framework takes for a service's name
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) {
    const problem = `${name} is no name for a service, which begins with a letter and has letters, digits and hyphens`
    throw new LocalError('COMMAND_INVALID', `${problem}: name the folder otherwise.`)
  }
  const names = [...files.values()]
  const there = names.find((file) => existsSync(join(folder, file)))
  if (there !== undefined) {
    throw new LocalError('COMMAND_INVALID', `${join(folder, there)} is there already: nothing was written.`)
  }
  mkdirSync(folder, { recursive: true })
  const values: Readonly<Record<string, string>> = { ...versions, name: name.toLowerCase() }
  for (const [template, file] of files) {
    const text = readFileSync(join(import.meta.dirname, 'template', template), 'utf8')
    writeFileSync(
      join(folder, file),
      text.replace(/\{\{([\w-]+)\}\}/g, (whole, key) => values[key] ?? whole),
    )
  }
  return names
}

/** The versions that the registry has beside a `microbatch-local` of this version: the three are published together. */
export const publishedVersions = (version: string): PackageVersions => versionsBy(() => `^${version}`)

/**
 * The tarballs of a folder, or of folders in it, as `npm run package` of the repository makes them.
 * @throws LocalError COMMAND_INVALID naming the package that it does not have
 */
export function tarballVersions(folder: string): PackageVersions {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  return versionsBy((name) => {
    const tarball = names.find((file) => new RegExp(`(^|/)${name}-\\d[^/]*\\.tgz$`).test(file))
    if (tarball !== undefined) return `file:${join(resolve(folder), tarball)}`
    throw new LocalError('COMMAND_INVALID', `--packages ${folder}: there is no tarball of ${name} (${name}-….tgz).`)
  })
}

const versionsBy = (versionOf: (name: string) => string): PackageVersions => ({
  microbatch: versionOf('microbatch'),
  'microbatch-local': versionOf('microbatch-local'),
  'serverless-offline-kafka-mapping': versionOf('serverless-offline-kafka-mapping'),
})
