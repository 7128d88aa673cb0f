import { expect, test } from 'vitest'
import { checkPort, type PortUse } from '../../../local/doctor/ports.ts'

const lambda: PortUse = { port: 3002, use: 'Lambda', variable: 'OFFLINE_LAMBDA_PORT', holder: undefined }

test('a free port is fine', () => {
  expect(checkPort(lambda, undefined)).toEqual({ level: 'ok', subject: 'port 3002', says: 'free, for Lambda' })
})

test('a taken port is named with who has it and how to take another', () => {
  const finding = checkPort({ ...lambda, holder: 'process 7 (nc -l 3002)' }, undefined)
  expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('process 7 (nc -l 3002)') })
  expect(finding.remedy).toContain('OFFLINE_LAMBDA_PORT=3102')
})

test('ports that the start of this folder has are its own', () => {
  expect(checkPort({ ...lambda, holder: 'process 7 (node)' }, 'process 5')).toMatchObject({
    level: 'ok',
    says: expect.stringContaining('process 5'),
  })
})

test('a Kafka that has the port can be used', () => {
  const kafka = { port: 9092, use: 'Kafka', variable: 'KAFKA_PORT', holder: 'process 7 (docker-proxy)', isKafka: true }
  expect(checkPort(kafka, undefined).remedy).toMatch(/microbatch start --brokers localhost:9092; .*KAFKA_PORT=9192/)
})

test('the door for containers can be done without', () => {
  const door = { port: 29092, use: "Kafka's door for containers", variable: undefined, holder: 'process 7 (nc)' }
  expect(checkPort(door, undefined).level).toBe('warning')
})
