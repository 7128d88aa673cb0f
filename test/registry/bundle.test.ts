// What a function's bundle holds of codecs and registries: what it imports, and nothing where it decodes JSON alone.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const projectDir = join(import.meta.dirname, '../..')

/** Made with the options of serverless.yml. */
async function bundle(contents: string) {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: projectDir, sourcefile: 'function.ts', loader: 'ts' },
    ...{ bundle: true, minify: true, platform: 'node', format: 'cjs', target: 'node24', write: false, metafile: true },
    mainFields: ['module', 'main'],
    external: ['@aws-sdk/*'],
    logLevel: 'silent',
  })
  const [output] = Object.values(metafile.outputs)
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  return { code: outputFiles[0]?.text ?? '', inputs: inputs.map(([path]) => path) }
}

function exportsOf(code: string): Record<string, unknown> {
  const module = { exports: {} }
  new Function('module', 'exports', 'require', code)(module, module.exports, createRequire(import.meta.filename))
  return module.exports
}

test('a consumer of JSON has nothing of registries and their codecs', async () => {
  const { inputs } = await bundle("export { bars, tape } from './handlers/consumer.ts'")
  expect(
    inputs.filter((path) =>
      /avsc|bufbuild|protobufjs|ajv|registry|decode\/(avro|protobuf|framed|json-schema)/.test(path),
    ),
  ).toEqual([])
  expect(inputs.length).toBeGreaterThan(50)
})

test.each([
  [
    'avro',
    `import { avro } from 'microbatch/avro'
     export const codec = avro({ type: 'record', name: 'T', fields: [{ name: 'a', type: 'string' }] })`,
    /bufbuild|protobufjs|ajv/,
    [2, 65],
  ],
  [
    'protobuf',
    `import { protobuf } from 'microbatch/protobuf'
     import { TimestampSchema } from '@bufbuild/protobuf/wkt'
     import { long, struct } from 'microbatch'
     export const codec = protobuf(struct({ seconds: long() }), { message: TimestampSchema })`,
    /avsc|ajv/,
    [8, 5],
  ],
])('a bundle of %s decodes, and has no library of another format', async (_, contents, others, value) => {
  const { code, inputs } = await bundle(contents)
  expect(inputs.filter((path) => others.test(path))).toEqual([])
  const { codec } = exportsOf(code) as { codec: { decode(record: object): unknown } }
  expect(codec.decode({ value: Buffer.from(value) })).toMatchObject({ kind: 'row' })
})
