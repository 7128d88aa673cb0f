import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deployedName } from '../../../local/cli/function-name.ts'
import { projectDir } from '../../../local/cli/settings.ts'

test('a function is named as serverless.yml names it, by its key or whole', () => {
  const service = /^service: *(\S+)$/m.exec(readFileSync(join(projectDir, 'serverless.yml'), 'utf8'))?.[1]
  expect(deployedName('bars')).toBe(`${service}-dev-bars`)
  expect(deployedName('bars', 'localstack')).toBe(`${service}-localstack-bars`)
  expect(deployedName(`${service}-dev-bars`)).toBe(`${service}-dev-bars`)
})
