// `microbatch start` over a service that names a registry on this machine: it runs one, and what the JVM's serializers write beside it is
// printed as rows.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { defaultLibsDir } from '../../../local/kafka/distribution.ts'
import { freePort } from '../../../local/process/port.ts'
import { program } from '../cli/microbatch.ts'
import { writeTopic } from './write.ts'

const folder = join(import.meta.dirname, '../fixtures/registry')
const waiting = { timeout: 90_000, interval: 100 }
let localDir: string
let child: ChildProcess
let done: Promise<number | null>
let said = ''
let registry = ''
let broker = ''

beforeAll(async () => {
  localDir = mkdtempSync(join(tmpdir(), 'microbatch-registry-'))
  const [kafka, port] = [await freePort(), await freePort()]
  broker = `localhost:${kafka}`
  registry = `http://localhost:${port}`
  child = spawn(process.execPath, [program, 'start', '--dir', folder], {
    env: {
      ...process.env,
      ...{ LOCAL_DIR: localDir, KAFKA_LIBS_DIR: defaultLibsDir, KAFKA_PORT: String(kafka), KAFKA_BROKERS: '' },
      ...{ OFFLINE_LAMBDA_PORT: String(await freePort()), OFFLINE_HTTP_PORT: String(await freePort()) },
      ...{ DYNAMODB_PORT: String(await freePort()), FIXTURE_REGISTRY: registry },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  done = new Promise((resolve) => child.once('close', resolve))
  await vi.waitFor(() => expect(said).toContain('Ctrl-C ends all of it.'), waiting)
}, 180_000)
afterAll(async () => {
  child.kill('SIGTERM')
  expect(await done).toBe(143)
  rmSync(localDir, { recursive: true, force: true })
  rmSync(join(folder, '.esbuild'), { recursive: true, force: true })
}, 60_000)

/** The rows that a function has printed, over all of its batches. */
const printedBy = (name: string): readonly string[] => {
  const batches = said.split(/^-+\nBatch: /m).filter((batch) => new RegExp(`^\\d+ \\(${name}\\)`).test(batch))
  return batches.flatMap((batch) =>
    Array.from(batch.matchAll(/^\|\s*(S\d+)\|\s*(\S+)\|\s*(\S+)\|$/gm), ([row]) => row.replaceAll(' ', '')),
  )
}

test('the registry is said, and Avro comes out as rows, by the codec and by the mapping', async () => {
  expect(said).toContain(`Registry     ${registry.replace('localhost', '127.0.0.1')} (Apicurio Registry)`)
  await writeTopic([broker], 'avrotrades', 'avro', registry, 4)
  const rows = ['|S0|NULL|0|', '|S1|1.5|1000|', '|S2|2.5|2000|', '|S3|NULL|3000|']
  await vi.waitFor(() => expect(printedBy('avro').toSorted()).toEqual(rows), waiting)
  await vi.waitFor(() => expect(printedBy('source').toSorted()).toEqual(rows), waiting)
}, 120_000)

test('Protobuf comes out as rows', async () => {
  const schema = `syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto"; message Heartbeat { int32 beat = 1; }
    message Desk { message Trade { string symbol = 1; double price = 2; sint64 volume = 3; google.protobuf.Timestamp at = 4; } }`
  const response = await fetch(`${registry}/subjects/prototrades-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema, schemaType: 'PROTOBUF' }),
  })
  const { id }: { readonly id?: number } = Object(await response.json())
  await writeTopic([broker], 'prototrades', 'protobuf', String(id), 2)
  await vi.waitFor(() => expect(printedBy('protobuf').toSorted()).toEqual(['|S0|0.5|0|', '|S1|1.5|-1000|']), waiting)
}, 120_000)
