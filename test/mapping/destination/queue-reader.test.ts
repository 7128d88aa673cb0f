import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openQueue } from '../../../mapping/destination/queue-reader.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'

let server: Server
let calls: string[]
let waiting: string[]

/** An SQS that hands out each message once, in AWS's JSON protocol. */
beforeEach(async () => {
  calls = []
  waiting = ['a', 'b']
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const action = String(request.headers['x-amz-target']).split('.')[1]
      const { ReceiptHandle = '' } = JSON.parse(text)
      calls.push(`${action} ${ReceiptHandle}`.trim())
      const answer = action === 'ReceiveMessage' ? { Messages: waiting.splice(0, 1).map(message) } : {}
      response.setHeader('content-type', 'application/x-amz-json-1.0')
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

/** The client compares the digest. */
function message(id: string) {
  const Body = `{"of":"${id}"}`
  const MD5OfBody = createHash('md5').update(Body).digest('hex')
  return { MessageId: id, Body, MD5OfBody, ReceiptHandle: `r-${id}` }
}

function url(): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://127.0.0.1:${port}/000000000000/failed`
}

test('all messages are read; one that is done with leaves the queue, and the others are given back', async () => {
  const queue = await openQueue(url(), noRemoteHosts)
  const messages = await queue.read(10)
  expect(messages.map(({ id, body }) => [id, body])).toEqual([
    ['a', '{"of":"a"}'],
    ['b', '{"of":"b"}'],
  ])
  await messages[0]?.remove()
  await queue.close()
  expect(calls).toEqual([
    ...['ReceiveMessage', 'ReceiveMessage', 'ReceiveMessage'],
    ...['DeleteMessage r-a', 'ChangeMessageVisibility r-b'],
  ])
})

test('a queue on another machine is refused before it is asked', async () => {
  await expect(openQueue('https://sqs.eu-west-1.amazonaws.com/1/failed', noRemoteHosts)).rejects.toThrow(
    expect.objectContaining({ code: 'REMOTE_REFUSED' }),
  )
})
