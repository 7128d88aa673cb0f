// A bundle has only the aggregates that its queries name: each brings how it runs along, and nothing of the others.

import { build } from 'esbuild'
import { expect, test } from 'vitest'

/** Words of Spark or of an error that only the code of the aggregate has. */
const marks = {
  stddevSamp: 'stddev_samp',
  kurtosis: 'kurtosis',
  covarPop: 'covar_pop',
  countIf: 'count_if',
  bitAnd: 'bit_and',
  collectList: 'collectList',
  collectSet: 'collect_set',
  sumDistinct: 'sumDistinct',
  percentileApprox: 'percentile_approx',
  countDistinct: 'countDistinct',
} as const

async function bundleOf(names: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${names.join(', ')} } from './lib/index.ts'; export const all = [${names.join(', ')}]`,
      resolveDir: '.',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    external: ['@aws-sdk/*'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

test('a query of counts and sums has none of the others in its bundle', async () => {
  const bundle = await bundleOf(['stream', 'kafkaHandler', 'count', 'sum', 'minBy', 'first'])
  expect(Object.values(marks).filter((mark) => bundle.includes(mark))).toEqual([])
})

test('each is there with its own, so that the marks are right', async () => {
  const bundle = await bundleOf(Object.keys(marks))
  expect(Object.values(marks).filter((mark) => !bundle.includes(mark))).toEqual([])
})
