// What `microbatch init` writes, installed by npm: only packages that its own package.json names are there, so that it shows whether these
// are all that it needs.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectDir } from '../process.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
let service: string

beforeAll(async () => {
  place = await openWorkplace()
  service = join(place.folder, 'totals')
  const command = join(projectDir, 'local/cli/microbatch.cjs')
  await place.shell(`node ${command} init totals --packages "$PACKAGES"`)
  await place.shell('npm install --loglevel=error', service)
}, 300_000)
afterAll(() => place.remove())

test('its test passes, and it is packaged for AWS', async () => {
  expect(await place.shell('npm test', service)).toMatch(/^(ℹ|#) pass 1$/m)
  await place.shell('npx sls package --param kafka=msk-new', service)
  const file = join(service, '.serverless/cloudformation-template-update-stack.json')
  expect(JSON.parse(readFileSync(file, 'utf8')).Resources).toMatchObject({
    TotalsRole: { Type: 'AWS::IAM::Role' },
    StateTable: { Properties: { TableName: 'totals-dev-state' } },
    KafkaTopicOrders: { Properties: { PartitionCount: 3 } },
  })
})

test.each(['npx sls package --param kafka=msk-new', "npx sls invoke local -f totals -d '{}'", 'npx microbatch start'])(
  '%s ends where a package is not installed, and names it',
  async (words) => {
    const handlers = join(service, 'handlers.ts')
    const text = readFileSync(handlers, 'utf8')
    appendFileSync(handlers, "import 'left-out'\n")
    try {
      await expect(place.shell(words, service)).rejects.toThrow(/ended with 1:.*left-out/s)
    } finally {
      writeFileSync(handlers, text)
    }
  },
  60_000,
)
