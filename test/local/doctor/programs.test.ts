import { expect, test } from 'vitest'
import { checkKafkaWays, checkNode, type KafkaWays } from '../../../local/doctor/programs.ts'

const all: KafkaWays = {
  javaProblem: undefined,
  mavenProblem: undefined,
  dockerProblem: undefined,
  configured: undefined,
}
const noJava = { javaProblem: 'Java 17 or newer is not installed' }
const noDocker = { dockerProblem: 'docker with its compose plugin is not installed' }
const levels = (ways: Partial<KafkaWays>) =>
  checkKafkaWays({ ...all, ...ways }).map(({ subject, level }) => `${subject} ${level}`)

test('a Node that is older than 22.15 is a problem', () => {
  for (const version of ['v22.15.0', 'v24.1.0']) expect(checkNode(version).level).toBe('ok')
  expect(checkNode('v22.14.9').level).toBe('problem')
  expect(checkNode('v20.19.0')).toMatchObject({ level: 'problem', says: expect.stringContaining('v20.19.0') })
  expect(checkNode('unknown').level).toBe('problem')
})

test('no Java is a problem where nothing else brings a Kafka', () => {
  expect(levels({ ...noJava, ...noDocker })).toEqual(['Java problem', 'Maven ok', 'Docker problem'])
})

test('no Java is a warning where Docker stands in, and says so', () => {
  expect(levels(noJava)).toEqual(['Java warning', 'Maven ok', 'Docker ok'])
  expect(checkKafkaWays({ ...all, ...noJava })[0]?.says).toContain('docker compose')
})

test('nothing is needed where KAFKA_BROKERS names a Kafka', () => {
  const bare = { ...noJava, ...noDocker, mavenProblem: 'Maven (mvn) is not installed', configured: 'localhost:9092' }
  expect(levels(bare)).toEqual(['Java ok', 'Maven ok', 'Docker ok'])
  expect(checkKafkaWays({ ...all, ...bare })[0]?.says).toMatch(/KAFKA_BROKERS.*Java 17/)
})

test('Docker is not missed where Java is there', () => {
  expect(levels(noDocker)).toEqual(['Java ok', 'Maven ok', 'Docker ok'])
})

test('Java without Maven, and without the jars, is not enough', () => {
  const noMaven = { mavenProblem: 'Maven (mvn) is not installed' }
  expect(levels({ ...noMaven, ...noDocker })).toEqual(['Java ok', 'Maven problem', 'Docker problem'])
})
