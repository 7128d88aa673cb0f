import { expect, test } from 'vitest'
import { checkDoor, type DoorContext, type DoorSight } from '../../../local/doctor/brokers.ts'

const host: DoorContext = { place: 'host', hostDoor: 'localhost:9092', isStarted: false }
const container: DoorContext = { ...host, place: 'container' }
const open: DoorSight = { kind: 'open', clusterId: 'abc', advertised: ['localhost:9092'] }

test('an open door says whose it is and what it advertises', () => {
  expect(checkDoor({ address: 'localhost:9092', sight: open }, host)).toEqual({
    level: 'ok',
    subject: 'localhost:9092',
    says: 'Kafka, cluster abc, advertises localhost:9092',
  })
})

test.each(['refused', 'unknownName'] as const)('the address of containers, used on the host, is named (%s)', (kind) => {
  const finding = checkDoor({ address: 'kafka:29092', sight: { kind } }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('address for containers') })
  expect(finding.remedy).toContain('KAFKA_BROKERS=localhost:9092')
})

test("the host's other port is in what to do", () => {
  const sight: DoorSight = { kind: 'unknownName' }
  const finding = checkDoor({ address: 'kafka:29092', sight }, { ...host, hostDoor: 'localhost:9192' })
  expect(finding.remedy).toContain('KAFKA_BROKERS=localhost:9192')
})

test('localhost in a container is the container itself', () => {
  const finding = checkDoor({ address: 'localhost:9092', sight: { kind: 'closed' } }, container)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('the container itself') })
  expect(finding.remedy).toContain('KAFKA_BROKERS=kafka:29092 ALLOW_REMOTE=kafka')
})

test('a broker that nobody runs is unreachable', () => {
  const finding = checkDoor({ address: 'localhost:9999', sight: { kind: 'closed' } }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('broker unreachable') })
})

test("the containers' port on the host is a door that is not there: what to do names the right one", () => {
  const finding = checkDoor({ address: 'localhost:29092', sight: { kind: 'closed' } }, host)
  expect(finding.remedy).toContain('KAFKA_BROKERS=localhost:9092')
})

test.each(['localhost', ''])('%j is no address, and one is shown', (address) => {
  const finding = checkDoor({ address, sight: { kind: 'noAddress' } }, host)
  expect(finding).toMatchObject({ level: 'problem', subject: 'KAFKA_BROKERS', says: expect.stringContaining(address) })
  expect(finding.remedy).toContain('localhost:9092')
})

test('the broker that npm start brings need not be there', () => {
  const sight: DoorSight = { kind: 'closed' }
  expect(checkDoor({ address: 'localhost:9092', sight }, { ...host, isStarted: true }).level).toBe('ok')
})

test('the inner door, dialled from the host, leads to a name that the host does not know', () => {
  const sight: DoorSight = { kind: 'leadsAway', advertised: ['kafka:29092'] }
  const finding = checkDoor({ address: 'localhost:29092', sight }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('door for containers') })
  expect(finding.remedy).toContain('KAFKA_BROKERS=localhost:9092')
})

test('the outer door, dialled in a container, leads back to the container itself', () => {
  const sight: DoorSight = { kind: 'leadsAway', advertised: ['localhost:9092'] }
  const finding = checkDoor({ address: 'kafka:9092', sight }, container)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('door for the host') })
  expect(finding.remedy).toContain('kafka:29092')
})

test('another machine is said not to have been dialled, and how to allow it', () => {
  const finding = checkDoor({ address: 'broker.example.com:9092', sight: { kind: 'refused' } }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('not dialled') })
  expect(finding.remedy).toContain('ALLOW_REMOTE=broker.example.com')
})

test('what is no Kafka is told apart from nothing', () => {
  const finding = checkDoor({ address: 'localhost:22', sight: { kind: 'notKafka' } }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('does not answer as Kafka') })
})
