// Services in other people's style, each installed from the tarballs and started as its team would: TypeScript to the last file with
// middy, Python with Powertools, a repository of two services. A handler that fails gets the same records again; Ctrl-C leaves nothing.

import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalBroker, startKafka } from '../../../local/kafka/broker.ts'
import { freePort } from '../../../local/process/port.ts'
import { projectDir } from '../process.ts'
import { teamsPython } from '../tools.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

const teams = join(import.meta.dirname, 'teams')
let place: Workplace
let kafka: LocalBroker
let python: string

beforeAll(async () => {
  place = await openWorkplace()
  cpSync(teams, place.folder, { recursive: true })
  const mapping = 'npm install --loglevel=error --save-dev "$PACKAGES"/serverless-offline-kafka-mapping/*.tgz'
  ;[kafka, python] = await Promise.all([
    startBroker(join(place.folder, 'kafka')),
    teamsPython('stranger/teams/python/requirements.txt'),
    place.shell(mapping, folderOf('esm')),
    place.shell(mapping, folderOf('python')),
    place.shell('npm install --loglevel=error --save-dev "$PACKAGES"/*/*.tgz', folderOf('monorepo')),
  ])
  const clients = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING })
  const [admin, producer] = [clients.admin(), clients.producer({ createPartitioner: Partitioners.DefaultPartitioner })]
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({
    topics: Object.keys(records).map((topic) => ({ topic, numPartitions: 3 })),
    waitForLeaders: true,
  })
  for (const [topic, list] of Object.entries(records)) {
    await producer.send({ topic, messages: list.map(([key, value]) => ({ key, value: JSON.stringify(value) })) })
  }
  await Promise.all([admin.disconnect(), producer.disconnect()])
}, 300_000)
afterAll(async () => {
  await kafka?.stop()
  await place?.remove()
})

/** By topic: keys and values. */
const records: Readonly<Record<string, readonly (readonly [string, object])[]>> = {
  readings: [
    ['m1', { unit: 'kWh', used: 1.5 }],
    ['m2', { unit: 'm3', used: 9 }],
    ['m1', { unit: 'kWh', used: 2 }],
  ],
  movements: [
    ['bolts', { pieces: 3 }],
    ['nuts', { pieces: -1 }],
    ['bolts', { pieces: 5 }],
  ],
  purchases: [
    ['ada', { customer: 'ada', cents: 1250 }],
    ['bob', { customer: 'bob', cents: 99 }],
    ['ada', { customer: 'ada', cents: 1 }],
  ],
}

const folderOf = (name: string) => join(place.folder, name)

const startBroker = async (dataDir: string) =>
  startKafka({ dataDir, port: await freePort(), libsDir: join(projectDir, '.local/kafka/libs'), log: () => {} })

/** Where a terminal's Kafka is, and ports that no other has. */
async function exported(): Promise<Record<string, string>> {
  const [brokers = ''] = kafka.brokers
  return {
    KAFKA_PORT: brokers.split(':')[1] ?? '',
    KAFKA_BROKERS: brokers,
    OFFLINE_LAMBDA_PORT: String(await freePort()),
    OFFLINE_HTTP_PORT: String(await freePort()),
  }
}

/** While the file is there the team's handlers fail. */
const fail = (folder: string) => {
  const file = join(folder, 'fail')
  writeFileSync(file, '')
  return () => rmSync(file)
}

describe.concurrent('each team', () => {
  test('serverless.ts and its functions in TypeScript, ES modules, middy', async () => {
    const folder = folderOf('esm')
    const mend = fail(folder)
    const terminal = await place.terminal('npm start', folder, await exported())
    await terminal.says('meters <- readings')
    await terminal.says('the function failed: Error: the meters are asleep; the same records again in')
    mend()
    await terminal.says('total 3.5 kWh')
    await terminal.interrupt()
    expect(terminal.said()).toMatch(/PolledEventCount 3, FilteredOutEventCount 1, .*CommittedEventCount 3/)
  }, 120_000)

  test('Python with Powertools: KafkaEvent and Logger, and process_partial_response', async () => {
    const folder = folderOf('python')
    const mend = fail(folder)
    const { KAFKA_BROKERS = '', ...ports } = await exported()
    const terminal = await place.terminal('npx sls offline', folder, {
      ...{ ...ports, KAFKA_MAPPING_BROKERS: KAFKA_BROKERS, VIRTUAL_ENV: python },
      PATH: [join(python, 'bin'), place.path].join(delimiter),
    })
    await terminal.says('the function failed: ValueError: the shelf is locked; the same records again in')
    await terminal.says('1 reported as failed; these again in')
    mend()
    await terminal.says('"function_name":"stock-dev-stock"')
    await terminal.says('"item":"nuts","pieces":-1')
    await terminal.says('"offset":1,"pieces":-1')
    await terminal.interrupt()
    const said = terminal.said()
    expect(said).toMatch(/stock <- movements: PolledEventCount 3, .*CommittedEventCount 3/)
    expect(said).toMatch(/audit <- movements: PolledEventCount 3, .*CommittedEventCount 3/)
    // A batch of several succeeded in part: what was not named did not come again.
    expect(said.match(/"message":"audited".*"pieces":5/g)).toHaveLength(1)
    expect(said).not.toContain('KeyboardInterrupt')
  }, 120_000)

  test('npm workspaces: two services with a package of their own, the plugin hoisted, each in its terminal', async () => {
    const services = join(folderOf('monorepo'), 'services')
    const mend = fail(join(services, 'shipping'))
    const billing = await place.terminal('npm start', join(services, 'billing'), {
      ...(await exported()),
      DYNAMODB_PORT: String(await freePort()),
    })
    const shipping = await place.terminal('npm start', join(services, 'shipping'), await exported())
    await billing.says('|     ada| 1251|12.51 GBP|')
    await billing.says('|     bob|   99| 0.99 GBP|')
    await shipping.says('the function failed: Error: no parcels today; the same records again in')
    mend()
    await shipping.says('a parcel for ada, worth 12.50 EUR')
    await shipping.says('a parcel for bob, worth 0.99 EUR')
    const brokers = `--brokers ${kafka.brokers.join()}`
    expect(await place.shell(`npx microbatch verify ${brokers}`, join(services, 'billing/src'))).toContain(
      'due: 2 groups compared, 2 equal, 0 differ, 0 missing',
    )
    await Promise.all([billing.interrupt(), shipping.interrupt()])
    expect(billing.said()).toMatch(/due <- purchases: PolledEventCount 3, .*CommittedEventCount 3/)
    expect(shipping.said()).toMatch(/parcel <- purchases: PolledEventCount 3, .*CommittedEventCount 3/)
  }, 180_000)
})

test('nothing of them runs on', async () => {
  expect(await place.leftovers()).toEqual([])
})
