import { expect, test } from 'vitest'
import { type AddressContext, checkAddress, type ProbeResult } from '../../../local/doctor/broker-address.ts'

const host: AddressContext = { place: 'host', hostAddress: 'localhost:9092', isStarted: false }
const container: AddressContext = { ...host, place: 'container' }
const open: ProbeResult = { kind: 'open', clusterId: 'abc', advertised: ['localhost:9092'] }

test('an open listener says whose it is and what it advertises', () => {
  expect(checkAddress({ address: 'localhost:9092', result: open }, host)).toEqual({
    level: 'ok',
    subject: 'localhost:9092',
    says: 'Kafka, cluster abc, advertises localhost:9092',
  })
})

test.each(['refused', 'unknownName'] as const)('the address of containers, used on the host, is named (%s)', (kind) => {
  const finding = checkAddress({ address: 'kafka:29092', result: { kind } }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('address for containers') })
  expect(finding.remedy).toContain('KAFKA_BROKERS=localhost:9092')
})

test("the host's other port is in what to do", () => {
  const result: ProbeResult = { kind: 'unknownName' }
  const finding = checkAddress({ address: 'kafka:29092', result }, { ...host, hostAddress: 'localhost:9192' })
  expect(finding.remedy).toContain('KAFKA_BROKERS=localhost:9192')
})

test('localhost in a container is the container itself', () => {
  const finding = checkAddress({ address: 'localhost:9092', result: { kind: 'closed' } }, container)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('the container itself') })
  expect(finding.remedy).toContain('KAFKA_BROKERS=kafka:29092 ALLOW_REMOTE=kafka')
})

test('a broker that nobody runs is unreachable', () => {
  const finding = checkAddress({ address: 'localhost:9999', result: { kind: 'closed' } }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('broker unreachable') })
})

test("the containers' port on the host is a listener that is not there: what to do names the right one", () => {
  const finding = checkAddress({ address: 'localhost:29092', result: { kind: 'closed' } }, host)
  expect(finding.remedy).toContain('KAFKA_BROKERS=localhost:9092')
})

test.each(['localhost', ''])('%j is no address, and one is shown', (address) => {
  const finding = checkAddress({ address, result: { kind: 'noAddress' } }, host)
  expect(finding).toMatchObject({ level: 'problem', subject: 'KAFKA_BROKERS', says: expect.stringContaining(address) })
  expect(finding.remedy).toContain('localhost:9092')
})

test('the broker that start brings need not be there', () => {
  const result: ProbeResult = { kind: 'closed' }
  expect(checkAddress({ address: 'localhost:9092', result }, { ...host, isStarted: true }).level).toBe('ok')
})

test('the inner listener, dialled from the host, leads to a name that the host does not know', () => {
  const result: ProbeResult = { kind: 'leadsAway', advertised: ['kafka:29092'] }
  const finding = checkAddress({ address: 'localhost:29092', result }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('listener for containers') })
  expect(finding.remedy).toContain('KAFKA_BROKERS=localhost:9092')
})

test('the outer listener, dialled in a container, leads back to the container itself', () => {
  const result: ProbeResult = { kind: 'leadsAway', advertised: ['localhost:9092'] }
  const finding = checkAddress({ address: 'kafka:9092', result }, container)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('listener for the host') })
  expect(finding.remedy).toContain('kafka:29092')
})

test('another machine is said not to have been dialled, and how to allow it', () => {
  const finding = checkAddress({ address: 'broker.example.com:9092', result: { kind: 'refused' } }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('not dialled') })
  expect(finding.remedy).toContain('ALLOW_REMOTE=broker.example.com')
})

test('what is no Kafka is told apart from nothing', () => {
  const finding = checkAddress({ address: 'localhost:22', result: { kind: 'notKafka' } }, host)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('does not answer as Kafka') })
})
