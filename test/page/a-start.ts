// A `microbatch start` of this repository's service with ports and data of its own, to its page's address and to its end.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../local/process/port.ts'

const projectDir = join(import.meta.dirname, '../..')
const program = join(projectDir, 'local/cli/microbatch.cjs')

export interface Start {
  /** The page's, with its token. */
  readonly url: string
  /** Its data. */
  readonly dir: string
  readonly lambdaPort: number
  /** Sends lines to the topic. */
  readonly send: (lines: string, ...words: readonly string[]) => Promise<void>
  readonly stop: () => Promise<void>
}

/** @throws Error with what it said, where it ends before its page is there */
export async function aStart(more: (dir: string) => NodeJS.ProcessEnv = () => ({})): Promise<Start> {
  const dir = mkdtempSync(join(tmpdir(), 'microbatch-page-'))
  const lambdaPort = await freePort()
  const env = {
    ...{ ...process.env, LOCAL_DIR: dir, KAFKA_BROKERS: '', OFFLINE_LAMBDA_PORT: String(lambdaPort) },
    KAFKA_PORT: String(await freePort()),
    OFFLINE_HTTP_PORT: String(await freePort()),
    DYNAMODB_PORT: String(await freePort()),
    PAGE_PORT: String(await freePort()),
    ...more(dir),
  }
  const child = spawn(process.execPath, [program, 'start'], {
    cwd: projectDir,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [, found] = /^Page +(\S+)$/m.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('close', () => reject(new Error(`the start ended:\n${said}`)))
  })
  return {
    ...{ url, dir, lambdaPort },
    send: async (lines, ...words) => {
      const sending = spawn(process.execPath, [program, 'send', '-', '--topic', 'stock-ticks', ...words], {
        ...{ cwd: projectDir, env, stdio: ['pipe', 'ignore', 'inherit'] },
      })
      sending.stdin?.end(lines)
      await new Promise((resolve) => sending.once('close', resolve))
    },
    stop: async () => {
      child.kill('SIGINT')
      await ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
