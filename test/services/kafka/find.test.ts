import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { type FindOptions, findOrStartKafka } from '../../../local/kafka/find.ts'
import { probe } from '../../../local/kafka/probe.ts'
import { freePort, listenerOn } from '../../../local/process/port.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'

const brokers = inject('brokers')
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-find-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

async function options(given: Partial<FindOptions> = {}): Promise<FindOptions> {
  const port = await freePort()
  return { configured: undefined, allowed: noRemoteHosts, folder: dir, dataDir: dir, port, log: () => {}, ...given }
}

test('the Kafka of KAFKA_BROKERS is used, and left running', async () => {
  const kafka = await findOrStartKafka(await options({ configured: brokers }))
  expect(kafka.brokers).toEqual(brokers)
  await kafka.stop()
  await kafka.kill()
  expect(await probe(brokers)).toMatchObject({ brokers: 1 })
})

test('KAFKA_BROKERS on another machine is refused before anything is dialled', async () => {
  await expect(findOrStartKafka(await options({ configured: ['broker.example.com:9092'] }))).rejects.toMatchObject({
    code: 'REMOTE_REFUSED',
    message: expect.stringContaining('broker.example.com'),
  })
})

test('KAFKA_BROKERS where nothing answers says so', async () => {
  const configured = `localhost:${await freePort()}`
  await expect(findOrStartKafka(await options({ configured: [configured] }))).rejects.toMatchObject({
    code: 'KAFKA_UNAVAILABLE',
    message: `KAFKA_BROKERS is ${configured}, and no Kafka answers there`,
  })
})

test('a Kafka that is not ours on the port is named with its process, its cluster and the ways on', async () => {
  const port = Number(brokers[0]?.split(':')[1])
  const cluster = await probe(brokers)
  const pid = listenerOn(port)?.pid
  expect(pid).toBeGreaterThan(1)
  await expect(findOrStartKafka(await options({ port }))).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringMatching(
      new RegExp(
        `Port ${port} is taken by process ${pid} \\(java .*a Kafka, but not .*cluster ${cluster?.clusterId}.*` +
          `microbatch start --brokers localhost:${port}.*KAFKA_PORT=`,
        's',
      ),
    ),
  })
})

test('what is no Kafka is named too', async () => {
  const server = createServer((socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 400\r\n\r\n')).on('error', () => {}),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    await expect(findOrStartKafka(await options({ port }))).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`taken by process ${process.pid} `),
    })
    await expect(findOrStartKafka(await options({ port }))).rejects.toThrow('it does not answer as Kafka')
  } finally {
    server.close()
  }
})

test('without Java and without Docker one message names every way', async () => {
  vi.stubEnv('PATH', dir)
  await expect(findOrStartKafka(await options())).rejects.toMatchObject({
    code: 'KAFKA_UNAVAILABLE',
    message: `No Kafka. Any one of these will do:
  - Java 17 or newer and Maven (Java 17 or newer is not installed)
  - Docker with Compose (there is no docker-compose.yml in this folder)
  - a Kafka of your own on this machine: microbatch start --brokers localhost:9092`,
  })
})

/** A machine without Java, whose Docker does nothing but write down what it was asked; its Kafka is the one of the tests. */
function dockerOnly(running: string) {
  const asked = join(dir, 'asked')
  const script = `#!/bin/sh
echo "$KAFKA_PORT $*" >>'${asked}'
case "$*" in *" ps "*) echo '${running}' ;; esac
`
  writeFileSync(join(dir, 'docker'), script, { mode: 0o700 })
  writeFileSync(join(dir, 'docker-compose.yml'), '')
  vi.stubEnv('PATH', dir)
  return () => readFileSync(asked, 'utf8').split('\n')
}

const brokerPort = Number(brokers[0]?.split(':')[1])

test('without Java, Kafka comes from docker compose at the port that was asked for, and is stopped again', async () => {
  const asked = dockerOnly('pipeline')
  const kafka = await findOrStartKafka(await options({ port: brokerPort, libsDir: dir }))
  expect(kafka.brokers).toEqual([`localhost:${brokerPort}`])
  expect(asked()).toContain(`${brokerPort} compose up --detach --wait kafka`)
  await kafka.stop()
  expect(asked().at(-2)).toBe(`${brokerPort} compose stop kafka`)
})

test('the Kafka of docker compose that ran before is used, and left running', async () => {
  const asked = dockerOnly('kafka')
  const kafka = await findOrStartKafka(await options({ port: brokerPort, libsDir: dir }))
  await kafka.stop()
  await kafka.kill()
  expect(asked().filter((words) => /compose (stop|kill|down)/.test(words))).toEqual([])
})

test('a start of docker compose that is given up leaves nothing running that it brought', async () => {
  const asked = dockerOnly('pipeline')
  const ending = new AbortController()
  const reason = new Error('SIGINT')
  const log = (line: string) => {
    if (line.startsWith('starting Kafka')) ending.abort(reason)
  }
  const given = await options({ port: brokerPort, libsDir: dir, signal: ending.signal, log })
  await expect(findOrStartKafka(given)).rejects.toBe(reason)
  expect(asked().filter((words) => /compose (up|stop)/.test(words))).toEqual([`${brokerPort} compose stop kafka`])
})
