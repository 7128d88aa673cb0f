// Starts and stops Amazon's DynamoDB Local for one test file. Its jars are fetched once by Maven into .local, which git
// ignores; the folder appears whole or not at all.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const here = import.meta.dirname
/** Named by its version: a change of pom.xml needs a change here. */
const jarsDir = join(here, '../../../.local/dynamodb-local/2.6.1')

export interface DynamoDbLocal {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

/** @throws Error with the last words of Maven or Java */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  if (!existsSync(jarsDir)) await fetchJars()
  const java = spawn(
    'java',
    ['-cp', join(jarsDir, '*'), `-Dsqlite4java.library.path=${jarsDir}`, join(here, 'Loopback.java')],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const said: string[] = []
  java.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const ended = once(java, 'close')
  const port = await Promise.race([portOf(createInterface(java.stdout), said), ended.then(() => undefined)])
  if (port === undefined) throw new Error(`DynamoDB Local did not start:\n${said.join('')}`)
  const stop = async (): Promise<void> => {
    java.stdin.end()
    await ended
  }
  return { endpoint: `http://127.0.0.1:${port}`, stop }
}

async function portOf(lines: AsyncIterable<string>, said: string[]): Promise<number | undefined> {
  for await (const line of lines) {
    const port = /^port (\d+)$/.exec(line)?.[1]
    if (port !== undefined) return Number(port)
    said.push(`${line}\n`)
  }
  return undefined
}

async function fetchJars(): Promise<void> {
  const partial = `${jarsDir}.${process.pid}`
  mkdirSync(partial, { recursive: true })
  const args = ['-B', '-q', '-f', join(here, 'pom.xml'), 'dependency:copy-dependencies', '-DincludeScope=runtime']
  const maven = spawn('mvn', [...args, `-DoutputDirectory=${partial}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  maven.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const [code] = await once(maven, 'close')
  if (code !== 0) {
    rmSync(partial, { recursive: true, force: true })
    throw new Error(`Maven could not fetch DynamoDB Local (exit ${code}):\n${said.join('')}`)
  }
  // Whoever was first has fetched the same.
  if (existsSync(jarsDir)) rmSync(partial, { recursive: true, force: true })
  else renameSync(partial, jarsDir)
}
