// `sls deploy` from the first stack to its removal, against AWS's APIs on loopback; and the templates under AWS's linter.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exceptions } from '../exceptions.ts'
import { iamPage, statementsOf } from '../iam-table.ts'
import { projectDir, run } from '../process.ts'
import { checkov, pythonTools } from '../tools.ts'
import {
  commandLine,
  type Package,
  packageOf,
  registryPackageOf,
  shellOf,
  sinksPackageOf,
  sls,
  type Variant,
  variants,
} from '../variants.ts'
import { expectAsAsked } from './as-asked.ts'
import { type Aws, startAws } from './aws.ts'
import { referencesOf } from './template.ts'

const stack = 'microbatch-dev'

describe.each(['msk', 'self-managed'] as const)('with %s', (variant) => {
  let aws: Aws
  let packaged: Package
  beforeAll(async () => {
    packaged = await packageOf(variant)
    aws = await startAws()
  })
  afterAll(() => aws?.[Symbol.asyncDispose]())
  const command = (name: string) => sls([name, ...commandLine(variant)], { ...aws.environment, ...shellOf(variant) })

  test('deploy makes every resource as the template asks for it', async () => {
    await command('deploy')
    const made = await aws.readBack(stack)
    const compared = expectAsAsked(packaged, made)
    console.log(`${variant}: ${made.size} resources, ${compared} properties read back and equal`)
    expect(compared).toBeGreaterThan(100)
  })

  // It names the functions by the stack's outputs, which moto forgets when a stack is updated.
  test('info knows the stack', async () => {
    expect(await command('info')).toContain(`stack: ${stack}`)
  })

  test('a deploy without a change changes nothing', async () => {
    const before = await aws.readBack(stack)
    expect(await command('deploy')).toContain('No changes to deploy. Deployment skipped.')
    expect(await aws.readBack(stack)).toEqual(before)
  })

  test('remove leaves nothing', async () => {
    await command('remove')
    expect([...(await aws.readBack(stack)).keys()]).toEqual([])
  })
})

describe('the template is clean under cfn-lint', () => {
  test.each(Object.keys(variants) as Variant[])('with %s', async (variant) => {
    const { templateFile } = await packageOf(variant)
    // The framework names what a route depends on twice.
    const redundant = ['--ignore-checks', 'W3005']
    await run(join(await pythonTools(), 'cfn-lint'), [templateFile, ...redundant])
  })
})

test.each(['confluent', 'glue'] as const)(
  'a service with a registry, %s, is clean under cfn-lint',
  async (registry) => {
    const { templateFile } = await registryPackageOf(registry)
    await run(join(await pythonTools(), 'cfn-lint'), [templateFile])
  },
)

test.each(['msk', 'msk-scram'] as const)('a service with sinks is clean under cfn-lint, with %s', async (variant) => {
  const { templateFile } = await sinksPackageOf(variant)
  await run(join(await pythonTools(), 'cfn-lint'), [templateFile])
})

describe('what checkov finds in the template is what docs/iam.md argues', () => {
  const needed = new Set<string>()
  let program: string
  beforeAll(async () => {
    program = await checkov()
  })
  const packages = [
    ...(Object.keys(variants) as Variant[]).map((variant) => [variant, variant, () => packageOf(variant)] as const),
    ...(['msk', 'msk-scram'] as const).map(
      (variant) => [`sinks, ${variant}`, variant, () => sinksPackageOf(variant)] as const,
    ),
  ]
  test.each(packages)('with %s', async (_, variant, packaged) => {
    const { templateFile } = await packaged()
    const words = ['--framework', 'cloudformation', '--skip-download', '--quiet', '--soft-fail', '--output', 'json']
    const said = await run(program, ['--file', templateFile, ...words])
    const report: Report = JSON.parse(said.slice(said.indexOf('{')))
    expect(report.summary.passed).toBeGreaterThan(30)
    const hasKey = 'dataKey' in variants[variant]
    const unargued = report.results.failed_checks.filter(({ check_id }) => {
      const exception = exceptions.get(check_id)
      needed.add(check_id)
      return exception === undefined || (hasKey && exception.byDataKey === true)
    })
    expect(unargued.map(({ check_id, resource }) => `${check_id} ${resource}`)).toEqual([])
  })
  test('and no exception is there that nothing needs', () => {
    expect([...needed].toSorted()).toEqual([...exceptions.keys()].toSorted())
  })
})

/** What checkov writes, as far as it is read here. */
interface Report {
  readonly summary: { readonly passed: number }
  readonly results: { readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[] }
}

test('what a removed stack leaves stands on nothing that was removed', async () => {
  const { resources, templateFile } = await packageOf('msk-new', '--param', 'keepData=true')
  const isKept = (name: string) => resources.get(name)?.DeletionPolicy === 'RetainExceptOnCreate'
  const kept = [...resources].filter(([name]) => isKept(name))
  expect(kept.map(([name]) => name)).toEqual(expect.arrayContaining(['StateTable', 'KafkaCluster', 'KafkaTopic']))
  for (const [name, { Properties }] of kept) {
    expect(
      referencesOf(Properties).filter((other) => !isKept(other)),
      name,
    ).toEqual([])
  }
  await run(join(await pythonTools(), 'cfn-lint'), [templateFile])
})

describe('permissions', () => {
  const documented = ['msk', 'msk-scram', 'self-managed'] as const
  const packages = new Map<string, Package>()
  beforeAll(async () => {
    for (const variant of documented) packages.set(`kafka=${variant}`, await packageOf(variant))
    for (const registry of ['confluent', 'glue'] as const)
      packages.set(`kafka=msk-scram, with a registry: ${registry}`, await registryPackageOf(registry))
    packages.set('kafka=msk-scram, with sinks', await sinksPackageOf('msk-scram'))
  })

  test('stand in docs/iam.md, each with its reason', async () => {
    await expect(iamPage(packages)).toMatchFileSnapshot(join(projectDir, 'docs/iam.md'))
  })

  test('name their resources, but for the actions that take none', () => {
    const takeNone = /^ec2:Describe|^glue:GetSchemaVersion$/
    for (const { resources } of packages.values()) {
      for (const [name, resource] of resources) {
        for (const { Effect, Action, Resource } of statementsOf(resource)) {
          expect(Action.filter((action) => action.includes('*'))).toEqual([])
          if (Effect === 'Allow' && Resource.includes('*')) {
            expect(
              Action.filter((action) => !takeNone.test(action)),
              name,
            ).toEqual([])
          }
        }
      }
    }
  })
})

test('what is set up for a laptop is not deployed', async () => {
  await expect(sls(['deploy'])).rejects.toThrow('kafka=local is for this machine')
})
