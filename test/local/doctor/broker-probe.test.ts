import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { probeAddress } from '../../../local/doctor/broker-probe.ts'
import { freePort } from '../../../local/process/port.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'

const probeResultOf = async (address: string) => (await probeAddress(address, noRemoteHosts)).result

test.each(['localhost', 'localhost:', 'localhost:x', 'localhost:0', 'localhost:70000', '::1', ''])(
  '%j is not dialled: it has no port',
  async (address) => {
    expect(await probeResultOf(address)).toEqual({ kind: 'noAddress' })
  },
)

test('another machine is not dialled', async () => {
  expect(await probeResultOf('broker.example.com:9092')).toEqual({ kind: 'refused' })
})

test('a port that nobody listens on is closed', async () => {
  expect(await probeResultOf(`127.0.0.1:${await freePort()}`)).toEqual({ kind: 'closed' })
})

test('a listener that hangs up is not Kafka', async () => {
  const server = createServer((socket) => socket.end())
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  try {
    expect(await probeResultOf(`127.0.0.1:${port}`)).toEqual({ kind: 'notKafka' })
  } finally {
    server.close()
  }
})
