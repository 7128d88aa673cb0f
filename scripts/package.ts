// Makes the packages for other projects: JavaScript, source maps and types by tsc (Node refuses .ts under node_modules), and a
// tarball each by npm pack. `npm run package [FOLDER]` puts them in FOLDER, .local/package by default; nothing is published.

import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const projectDir = join(import.meta.dirname, '..')

export type PackageName = 'microbatch' | 'serverless-offline-kafka-mapping' | 'microbatch-local'

interface PackageSource {
  /** The folder with its package.json and README.md. */
  readonly folder: string
  /** The files that are compiled, with all that it imports by relative paths; from the project's folder. */
  readonly include: readonly string[]
  /** Below it lies what is compiled; its own path is left out of the paths in `dist`. */
  readonly rootDir: string
  /** Files that are read at run time beside the code. */
  readonly assets?: readonly string[]
  /** Documents that go into the tarball beside README.md, from the package's folder. */
  readonly documents?: readonly string[]
  /** Packages of ours that it imports by name: their types are taken as they were built. */
  readonly imports?: readonly PackageName[]
}

/** In the order in which they are built. */
const sources: Readonly<Record<PackageName, PackageSource>> = {
  microbatch: { folder: 'lib', include: ['lib', 'infra/plugin.ts'], rootDir: '.', documents: ['CHANGELOG.md'] },
  'serverless-offline-kafka-mapping': {
    folder: 'mapping',
    include: ['mapping'],
    rootDir: '.',
    assets: ['page/static'],
    documents: ['docs', 'CHANGELOG.md'],
  },
  'microbatch-local': {
    folder: 'local',
    include: ['local'],
    rootDir: 'local',
    assets: [
      'cli/microbatch.cjs',
      'cli/init/template',
      'kafka/pom.xml',
      'aws/sqs-pom.xml',
      'localstack/full-minutes.py',
    ],
    documents: ['CHANGELOG.md'],
    imports: ['microbatch', 'serverless-offline-kafka-mapping'],
  },
}

/**
 * @returns the path of each tarball
 * @example buildPackages('.local/package').get('microbatch') // '….local/package/microbatch/microbatch-0.2.0.tgz'
 */
export function buildPackages(folder: string): ReadonlyMap<PackageName, string> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const names = Object.keys(sources) as PackageName[]
  // The types of one package name those of its dependencies: they are looked for from where they were built.
  const modules = join(folder, 'node_modules')
  symlinkSync(join(projectDir, 'node_modules'), modules)
  try {
    return new Map(names.map((name) => [name, buildPackage(name, folder)]))
  } finally {
    rmSync(modules)
  }
}

function buildPackage(name: PackageName, folder: string): string {
  const { folder: own, include, rootDir, assets = [], documents = [], imports = [] } = sources[name]
  const target = join(folder, name)
  mkdirSync(target, { recursive: true })
  const tsconfig = join(target, 'tsconfig.json')
  const options = {
    noEmit: false,
    declaration: true,
    sourceMap: true,
    inlineSources: true,
    rewriteRelativeImportExtensions: true,
    target: 'es2023',
    rootDir: join(projectDir, rootDir),
    outDir: join(target, 'dist'),
    typeRoots: [join(projectDir, 'node_modules/@types')],
    paths: Object.fromEntries(imports.flatMap((imported) => pathsOf(imported, join(folder, imported)))),
  }
  const config = {
    extends: join(projectDir, 'tsconfig.json'),
    compilerOptions: options,
    include: include.map((path) => join(projectDir, path)),
  }
  writeFileSync(tsconfig, JSON.stringify(config, undefined, 2))
  const tsc = join(projectDir, 'node_modules/.bin/tsc')
  execFileSync(tsc, ['--project', tsconfig], { cwd: projectDir, stdio: ['ignore', 'inherit', 'inherit'] })
  rmSync(tsconfig)
  const compiled = join(target, 'dist', relative(rootDir, own))
  for (const asset of assets) copyInto(join(projectDir, own, asset), join(compiled, asset))
  for (const document of documents) copyInto(join(projectDir, own, document), join(target, document))
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(publishedManifest(own), undefined, 2)}\n`)
  copyFileSync(join(projectDir, own, 'README.md'), join(target, 'README.md'))
  copyFileSync(join(projectDir, 'LICENSE'), join(target, 'LICENSE'))
  const packed = execFileSync('npm', ['pack', '--json', '--loglevel=error'], { cwd: target, encoding: 'utf8' })
  const [entry]: ReadonlyArray<{ readonly filename: string }> = JSON.parse(packed)
  if (entry === undefined) throw new Error(`npm pack made nothing: ${packed}`)
  return join(target, entry.filename)
}

interface Manifest {
  readonly publishConfig?: Readonly<Record<string, unknown>> & { readonly exports?: Exports }
  readonly [field: string]: unknown
}

type Exports = Readonly<Record<string, string | { readonly types: string }>>

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(projectDir, folder, 'package.json'), 'utf8'))

/** In this repository the exports are the sources; `publishConfig` says what they are in the tarball. */
function publishedManifest(folder: string): object {
  const { publishConfig, ...manifest } = manifestOf(folder)
  return { ...manifest, ...publishConfig }
}

/** The compiler's `paths` for a package that was built: its types in place of the sources that its name stands for here. */
function pathsOf(name: PackageName, built: string): readonly (readonly [string, readonly string[]])[] {
  const { exports = {} } = manifestOf(sources[name].folder).publishConfig ?? {}
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === 'string' ? [] : [[join(name, subpath), [join(built, target.types)]] as const],
  )
}

function copyInto(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true })
}

if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? join(projectDir, '.local/package'))
  for (const tarball of buildPackages(folder).values()) console.log(tarball)
}
