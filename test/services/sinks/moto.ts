// AWS's APIs on a free port of this machine (moto), and DuckDB, which reads what was written there as anybody's program does. Both are
// installed once into .local, as for the rehearsals.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { freePort } from '../../../local/process/port.ts'
import { duckdbPython, pythonTools } from '../../rehearsal/tools.ts'

export interface Moto {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const program = `${await pythonTools()}/moto_server`
  const server = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(server, 'close')
  const said: string[] = []
  server.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', () => {
      if (said.join('').includes('Running on')) resolve()
    })
    void ended.then(() => reject(new Error(`moto did not start:\n${said.join('')}`)))
  })
  const stop = async (): Promise<void> => {
    server.kill()
    await ended
  }
  return { endpoint: `http://127.0.0.1:${port}`, stop }
}

const script = `
import duckdb, json, sys
duckdb.sql("SET TimeZone = 'UTC'")
print(json.dumps(duckdb.sql(sys.argv[1]).fetchall(), default=str))
`

/** @returns the rows; what JSON has no form for is text */
export async function duckdb(sql: string): Promise<readonly (readonly unknown[])[]> {
  const { stdout } = await promisify(execFile)(await duckdbPython(), ['-c', script, sql], { maxBuffer: 100_000_000 })
  return JSON.parse(stdout)
}
