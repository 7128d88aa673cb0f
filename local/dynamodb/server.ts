// A DynamoDB API on this machine: dynalite over LevelDB, in the process of its caller. What was answered is in the
// operating system's hands, so it survives a kill -9 of any process, though not a power cut. No transactions, no TTL calls.
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import dynalite from 'dynalite'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type Lock, tryLock } from '../process/lock.ts'
import { describeListener, isTaken, listenerOn } from '../process/port.ts'

export interface DynamoDbOptions {
  /** Everything it keeps; one process at a time has it. */
  readonly folder: string
  readonly port: number
}

export interface DynamoDb {
  /** `http://127.0.0.1:8000` */
  readonly endpoint: string
  /** Answers what it was asked already, then ends, and gives port and folder back. */
  stop(): Promise<void>
}

/**
 * @throws LocalError PORT_TAKEN naming who has the port and DYNAMODB_PORT; ALREADY_RUNNING naming who has the folder
 * @example
 * const dynamoDb = await startDynamoDb({ folder: '.local/dynamodb', port: 8000 })
 * new DynamoDBClient({ endpoint: dynamoDb.endpoint, … })
 */
export async function startDynamoDb({ folder, port }: DynamoDbOptions): Promise<DynamoDb> {
  // before the database is opened: dynalite closes it only together with a server that listens
  if (await isTaken(port)) throw portTaken(port)
  const lock = takeFolder(folder)
  const server = dynalite({ path: join(folder, 'data'), createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  outliveItsClients(server)
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    lock.release()
    // Nobody listened there a moment ago; but a connection of this machine to somewhere may have the port as its own end.
    throw error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? portTaken(port) : error
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      await close(server)
      lock.release()
    },
  }
}

/** A second process on the folder would not fail at once, but later, with "Iterator is not open". */
function takeFolder(folder: string): Lock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = tryLock(join(folder, 'lock'), `process ${process.pid}`)
  if ('release' in lock) return lock
  throw new LocalError('ALREADY_RUNNING', `${folder} is in use by the DynamoDB of ${lock.heldBy}. End it first.`)
}

/**
 * dynalite throws when a client goes away in the middle of a request (`req.on('error', function (err) { throw err })`),
 * which ends the process: each kill -9 of the handlers could. Its listener is taken off before anything can be emitted.
 */
function outliveItsClients(server: Server): void {
  server.on('request', (request) => {
    request.removeAllListeners('error')
    request.on('error', () => {}) // nobody is there to be answered
  })
}

/** dynalite's own `close` ends idle connections, lets the requests in flight end, then closes the database. */
function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error instanceof Error ? reject(error) : resolve()))
  })
}

function portTaken(port: number): LocalError {
  const holder = describeListener(listenerOn(port))
  return new LocalError(
    'PORT_TAKEN',
    `Port ${port} is taken by ${holder}. End it, or set DYNAMODB_PORT to another port.`,
  )
}
