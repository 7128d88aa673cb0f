import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parameterNames } from '../../infra/parameters/parameters.ts'
import { deploymentOf, local, msk, scram, selfManaged } from './builders.ts'

test('docs/deploy.md has every parameter', () => {
  const page = readFileSync('docs/deploy.md', 'utf8')
  const table = page.slice(page.indexOf('## Parameters'), page.indexOf('## In your own repository'))
  for (const name of parameterNames) expect(table).toContain(`\`${name}\``)
})

test('infra/README.md has every variable that a function is told', () => {
  const page = readFileSync('infra/README.md', 'utf8')
  const rootCertificate = { rootCertificate: selfManaged.credentials }
  const told = [local, msk, { ...msk, ...scram }, { ...selfManaged, ...rootCertificate }].flatMap((parameters) =>
    Object.values(deploymentOf(parameters).environment).flatMap((variables) => Object.keys(variables)),
  )
  for (const name of new Set(told)) expect(page).toContain(`\`${name}\``)
})

test('infra/README.md has every key of a query', () => {
  const page = readFileSync('infra/README.md', 'utf8')
  const keys = 'topic partitions state partialBatches batchSize maximumBatchingWindow startingPosition'.split(' ')
  for (const key of [...keys, 'startingPositionTimestamp', 'filterPatterns', 'enabled', 'consumerGroupId']) {
    expect(page).toContain(`\`${key}\``)
  }
})
