import { expect, test } from 'vitest'

import { endIdleBundler } from '../../../local/offline/idle-bundler.ts'

test.each([
  [{ skipRebuild: true }, 1],
  [{ skipRebuild: false }, 0],
  [{}, 0],
  [undefined, 0],
])('with custom.esbuild %j the bundler is ended %i times: only where nothing is kept in it', async (options, times) => {
  let stopped = 0
  await endIdleBundler('/service', options, (dir) => {
    expect(dir).toBe('/service')
    return { stop: () => (stopped += 1) }
  })
  expect(stopped).toBe(times)
})

test('the esbuild that is ended is the one of serverless-esbuild', async () => {
  await endIdleBundler(process.cwd(), { skipRebuild: true })
})
