// The package as another project gets it: the tarball, unpacked, under the example of plain JavaScript.

import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Child, startChild } from '../../local/process/child.ts'
import { freePort } from '../../local/process/port.ts'
import { buildPackages } from '../../scripts/package.ts'
import { onKafka, until } from './a-mapping.ts'

const projectDir = join(import.meta.dirname, '../..')
const name = 'serverless-offline-kafka-mapping'
const kafka = onKafka()
/** A Node of the system without zstd, where there is one. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .map((path) => join(path, 'node'))
  .find((node) => {
    const { stdout } = spawnSync(node, ['--print', "'zstdDecompressSync' in require('node:zlib')"])
    return String(stdout).trim() === 'false'
  })
let folder: string

beforeAll(() => {
  // Inside the project, so that the package's dependencies are found where npm would have put them.
  mkdirSync(join(projectDir, '.local'), { recursive: true })
  folder = mkdtempSync(join(projectDir, '.local/package-'))
  const tarball = buildPackages(join(folder, 'build')).get(name) ?? ''
  cpSync(join(projectDir, 'examples/plain-javascript'), join(folder, 'example'), { recursive: true })
  const target = join(folder, 'example/node_modules', name)
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', target])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const running = new Set<Child>()
afterAll(() => Promise.all([...running].map((child) => child.kill())))

async function start(words: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = await startChild({
    command: process.execPath,
    args: words,
    cwd: join(folder, 'example'),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  void child.exited.then(() => running.delete(child))
  let text = ''
  for (const stream of [child.process.stdout, child.process.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  return { child, said: () => text }
}

describe('the tarball in a foreign project', () => {
  test('feeds a handler in plain JavaScript by one line under plugins, and alone by its command', async () => {
    const { send, topic, commits } = kafka()
    const given = await topic()
    const [broker = ''] = inject('brokers')
    const [LAMBDA_PORT, HTTP_PORT] = [String(await freePort()), String(await freePort())]
    const environment = { KAFKA_BROKER: broker, TOPIC: given, LAMBDA_PORT, HTTP_PORT }
    const serverless = join(projectDir, 'node_modules/serverless/bin/serverless.js')
    const offline = await start([serverless, 'offline'], environment)
    await send(given, [{ key: 'k', value: 'hello' }, { value: null }])
    const groupId = `plain-javascript-dev-print-${given}`
    await until(async () => expect(await commits(groupId, given)).toEqual({ 0: 2 }))
    expect(offline.said()).toContain(`${given}-0 0 k hello`)
    expect(offline.said()).toMatch(new RegExp(`print <- ${given} 0:0-1 \\| 2 records, .*ok`))

    // The mapping alone, beside serverless-offline as the endpoint, as a second topic's.
    const second = await topic()
    const command = join(folder, `example/node_modules/${name}/dist/mapping/command/kafka-mapping.js`)
    const words = [command, '--endpoint', `http://127.0.0.1:${LAMBDA_PORT}`, '--metrics-port', String(await freePort())]
    const PATH = `${join(projectDir, 'node_modules/.bin')}:${process.env.PATH}`
    const alone = await start(words, { ...environment, PATH, TOPIC: second })
    await send(second, [{ key: randomUUID(), value: 'alone' }])
    await until(() => expect(offline.said()).toMatch(new RegExp(`${second}-0 0 \\S+ alone`)))
    await until(async () => expect(await commits(`plain-javascript-dev-print-${second}`, second)).toEqual({ 0: 1 }))
    alone.child.process.kill('SIGINT')
    expect(await alone.child.exited).toEqual({ code: 0, signal: null })
    expect(alone.said()).toContain('PolledEventCount 1, InvokedEventCount 1, CommittedEventCount 1')
    offline.child.process.kill('SIGINT')
    expect(await offline.child.exited).toEqual({ code: 0, signal: null })
  }, 90_000)

  test.skipIf(oldNode === undefined)('a Node without zstd is refused in a sentence, when a mapping starts', () => {
    const run = (words: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(oldNode ?? '', words, { cwd: join(folder, 'example') })
      return { status, stdout: String(stdout), stderr: String(stderr) }
    }
    const refusal =
      /^Kafka mappings need Node 22\.15 or later, whose zlib reads zstd; this is Node [\d.]+\. .*newer one\.\n$/
    const command = `node_modules/${name}/dist/mapping/command/kafka-mapping.js`
    expect(run([command])).toMatchObject({ status: 1, stderr: expect.stringMatching(refusal) })
    expect(run([command, '--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('--metrics-port') })

    const plugin = (events: string) => `
      import Plugin from '${name}'
      const quiet = () => undefined
      const log = { notice: quiet, warning: quiet, error: quiet, info: quiet, debug: quiet }
      const service = { service: 'demo', provider: {}, functions: { print: { events: ${events} } } }
      class ServerlessError extends Error {}
      const serverless = { service, pluginManager: { plugins: [] }, classes: { Error: ServerlessError } }
      const { hooks } = new Plugin(serverless, {}, { log })
      await hooks['before:offline:start:init']().catch((error) => {
        console.error(error instanceof ServerlessError ? error.message : error)
      })`
    const evaluate = (events: string) => run(['--input-type=module', '--eval', plugin(events)])
    expect(evaluate('[]')).toEqual({ status: 0, stdout: '', stderr: '' })
    const kafkaEvent = `[{ kafka: { bootstrapServers: ['localhost:1'], topic: 'demo', accessConfigurations: {} } }]`
    expect(evaluate(kafkaEvent)).toMatchObject({ status: 0, stderr: expect.stringMatching(refusal) })
  })

  test('its documents and the types of its events are inside', () => {
    const inside = (path: string) => existsSync(join(folder, 'example/node_modules', name, path))
    const documents = ['README.md', 'CHANGELOG.md', 'LICENSE', 'docs/local-mapping.md', 'docs/path-of-a-record.md']
    expect(documents.filter((path) => !inside(path))).toEqual([])
    expect(inside('dist/mapping/events/index.d.ts')).toBe(true)
  })

  test('has types', () => {
    const source = [
      `import Plugin from '${name}'`,
      `import { onMappingEvent } from '${name}/events'`,
      'export const plugin: { hooks: object } = new Plugin({} as never, {}, {} as never)',
      "export const end: () => void = onMappingEvent((event) => void (event.kind === 'committed' && event.partitions[0]?.lag))",
      '',
    ].join('\n')
    const file = join(folder, 'example/uses.ts')
    writeFileSync(file, source)
    const tsc = join(projectDir, 'node_modules/.bin/tsc')
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--types',
      'node',
      '--skipLibCheck',
      file,
    ]
    expect(() => execFileSync(tsc, options, { cwd: projectDir, stdio: 'pipe' })).not.toThrow()
  })
})
