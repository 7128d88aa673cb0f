import { join } from 'node:path'
import { expect, test } from 'vitest'
import { otherNode, runnableRuntimes, runtimesOf, whyNotRun } from '../../../mapping/plugin/function-runtimes.ts'

const serviceDir = join(import.meta.dirname, '../../services/fixtures/offline')

test.each([
  [{ image: 'bars:latest' }, 'it is a container image, which serverless-offline does not run'],
  [{ runtime: 'provided.al2023' }, 'serverless-offline does not run its runtime provided.al2023'],
  [{ runtime: 'nodejs18.x' }, 'serverless-offline does not run its runtime nodejs18.x'],
  [{ runtime: 'go1.x' }, 'serverless-offline does not run its runtime go1.x'],
  [{ runtime: 'dotnet8' }, 'serverless-offline does not run its runtime dotnet8'],
])('a function %j is refused by name, saying where it can be run', async (definition, expected) => {
  const why = whyNotRun(definition, 'nodejs24.x', await runnableRuntimes(serviceDir))
  expect(why).toContain(expected)
  expect(why).toContain('--function-name KEY=function')
})

test.each(['nodejs22.x', 'nodejs24.x', 'python3.13', 'ruby3.4', 'java17'])('%s is run', async (runtime) => {
  expect(whyNotRun({ runtime }, undefined, await runnableRuntimes(serviceDir))).toBeUndefined()
  expect(whyNotRun({}, runtime, await runnableRuntimes('/'))).toBeUndefined()
})

test('a Node that is not the runtime is said once for each runtime', () => {
  expect(runtimesOf({ a: {}, b: { runtime: 'nodejs22.x' }, c: { image: 'x' }, d: {} }, 'nodejs24.x')).toEqual([
    'nodejs24.x',
    'nodejs22.x',
  ])
  expect(otherNode('nodejs22.x', '24.21.0')).toBe(
    'nodejs22.x is run here by Node 24.21.0, with the callbacks of nodejs22.x; what else the two differ in is not reproduced',
  )
  expect(otherNode('nodejs24.x', '24.21.0')).toBeUndefined()
  expect(otherNode('python3.13', '24.21.0')).toBeUndefined()
})
