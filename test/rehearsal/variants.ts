// The deployments that are rehearsed, as parameters of serverless.yml, and their packages.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir, run, withoutAccount, workDir } from './process.ts'

const account = '123456789012'
const key = `arn:aws:kms:us-east-1:${account}:key/0a1b2c3d-1111-2222-3333-444455556666`

/** Each is what somebody would put on the command line. */
export const variants = {
  msk: {
    kafka: 'msk',
    clusterArn: `arn:aws:kafka:us-east-1:${account}:cluster/ticks/0a1b2c3d-1111-2222-3333-444455556666-7`,
    subnetIds: 'subnet-0aaaaaaa,subnet-0bbbbbbb',
    securityGroupIds: 'sg-0ccccccc',
    minPollers: '1',
    maxPollers: '5',
    maxRetries: '20',
    maxRecordAgeSeconds: '86400',
    partialBatches: 'true',
    alarmEmail: 'ops@example.com',
  },
  'msk-scram': {
    kafka: 'msk',
    auth: 'scram-sha-512',
    clusterArn: `arn:aws:kafka:us-east-1:${account}:cluster/ticks/0a1b2c3d-1111-2222-3333-444455556666-7`,
    credentials: `arn:aws:secretsmanager:us-east-1:${account}:secret:AmazonMSK_ticks-AbCdEf`,
    secretKey: key,
    dataKey: key,
    subnetIds: 'subnet-0aaaaaaa,subnet-0bbbbbbb',
    securityGroupIds: 'sg-0ccccccc',
  },
  'msk-new': { kafka: 'msk-new' },
  'self-managed': {
    kafka: 'self-managed',
    bootstrapServers: 'b1.example.com:9096,b2.example.com:9096',
    credentials: `arn:aws:secretsmanager:us-east-1:${account}:secret:kafka-AbCdEf`,
    rootCertificate: `arn:aws:secretsmanager:us-east-1:${account}:secret:kafka-root-AbCdEf`,
    dataKey: `arn:aws:kms:us-east-1:${account}:key/9f8e7d6c-5555-6666-7777-888899990000`,
    subnetIds: 'subnet-0aaaaaaa,subnet-0bbbbbbb',
    securityGroupIds: 'sg-0ccccccc',
  },
  none: { kafka: 'none', bootstrapServers: 'kafka.internal:9092' },
} as const satisfies Record<string, Readonly<Record<string, string>>>

export type Variant = keyof typeof variants

/** Variables of the shell that deploys: one of them has the bars over HTTP. */
const shells: Partial<Record<Variant, Readonly<Record<string, string>>>> = { msk: { QUERY_API: 'true' } }

/** @example sls(['deploy', ...commandLine('msk')], shellOf('msk')) */
export const shellOf = (variant: Variant): Readonly<Record<string, string>> => shells[variant] ?? {}

export const commandLine = (variant: Variant): readonly string[] =>
  Object.entries(variants[variant]).flatMap(([name, value]) => ['--param', `${name}=${value}`])

export interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
  readonly DeletionPolicy?: string
}

export interface Package {
  /** With the zips and the template. */
  readonly folder: string
  readonly templateFile: string
  readonly resources: ReadonlyMap<string, Resource>
}

/** `sls package` of a variant. */
export const packageOf = (variant: Variant, ...more: readonly string[]): Promise<Package> =>
  packaged(projectDir, variant, [...commandLine(variant), ...more], shellOf(variant))

/** `sls package` of the service with a schema registry, of Confluent's kind or of AWS Glue, in front of an MSK cluster. */
export const registryPackageOf = (registry: 'confluent' | 'glue'): Promise<Package> =>
  packaged(join(projectDir, 'test/rehearsal/deploy/registry'), `registry-${registry}`, [
    ...commandLine('msk-scram'),
    ...['minPollers=1', 'maxPollers=5', `registry=${registry}`].flatMap((word) => ['--param', word]),
  ])

/** `sls package` of the service whose queries have sinks, in front of an MSK cluster, with a key of its own for data or without. */
export const sinksPackageOf = (variant: 'msk' | 'msk-scram'): Promise<Package> =>
  packaged(sinksDir, `sinks-${variant}`, commandLine(variant))

export const sinksDir = join(projectDir, 'test/rehearsal/deploy/sinks')

async function packaged(
  serviceDir: string,
  name: string,
  words: readonly string[],
  shell: Readonly<Record<string, string>> = {},
): Promise<Package> {
  const folder = join(workDir, 'packages', name)
  await sls(['package', '--package', folder, ...words], shell, serviceDir)
  const templateFile = join(folder, 'cloudformation-template-update-stack.json')
  const template: { readonly Resources: Readonly<Record<string, Resource>> } = JSON.parse(
    readFileSync(templateFile, 'utf8'),
  )
  return { folder, templateFile, resources: new Map(Object.entries(template.Resources)) }
}

/** The framework under this project's Node, without an account and without a terminal. */
export async function sls(
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd: string = projectDir,
): Promise<string> {
  mkdirSync(workDir, { recursive: true })
  // serverless-esbuild leaves what it zipped in the temporary folder.
  const temporary = mkdtempSync(join(workDir, 'tmp-'))
  try {
    return await run(process.execPath, [join(projectDir, 'node_modules/.bin/serverless'), ...words], {
      cwd,
      env: { ...withoutAccount(), TMPDIR: temporary, ...env },
    })
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
