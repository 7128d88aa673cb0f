// Where someone works who has our tarballs and has never seen this repository: a folder outside of it, a shell, a second terminal,
// and ports that nobody else has. What runs in it is ended by the pid of its own process group.

import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, vi } from 'vitest'
import { type Child, startChild } from '../../../local/process/child.ts'
import { freePort, isTaken } from '../../../local/process/port.ts'
import { buildPackages } from '../../../scripts/package.ts'
import { projectDir, run, withoutAccount } from '../process.ts'

const portVariables = ['KAFKA_PORT', 'OFFLINE_LAMBDA_PORT', 'OFFLINE_HTTP_PORT', 'DYNAMODB_PORT'] as const

export interface Terminal {
  /** All that it has printed so far. */
  said(): string
  /** Waits for a text in what it prints. */
  says(text: string): Promise<void>
  /** Ctrl-C as a terminal does it: the signal goes to the whole foreground group. Resolves when all of that has ended. */
  interrupt(): Promise<void>
}

export interface Workplace {
  readonly folder: string
  /** The programs that are found there. */
  readonly path: string
  /** The tarballs, as `npm run package` lays them out. */
  readonly packages: string
  /** Runs words of a shell in a folder. @returns what they printed @throws Error with it where they fail */
  shell(words: string, cwd?: string): Promise<string>
  /** Starts them in a terminal of their own. @param variables that are exported there, beside the workplace's */
  terminal(words: string, cwd?: string, variables?: Readonly<Record<string, string>>): Promise<Terminal>
  /** What of the workplace still runs, or listens. */
  leftovers(): Promise<readonly string[]>
  remove(): Promise<void>
}

export async function openWorkplace(): Promise<Workplace> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'microbatch-stranger-')))
  const packages = join(folder, 'packages')
  buildPackages(packages)
  const ports = await Promise.all(portVariables.map(async (name) => [name, String(await freePort())] as const))
  const terminals = new Set<Child>()
  const env: NodeJS.ProcessEnv = {
    ...withoutNpm(withoutAccount()),
    ...Object.fromEntries(ports),
    PACKAGES: packages,
    // Apache Kafka itself is fetched once for all tests.
    KAFKA_LIBS_DIR: join(projectDir, '.local/kafka/libs'),
    TMPDIR: folder,
  }
  return {
    folder,
    packages,
    path: env.PATH ?? '',
    shell: (words, cwd = folder) => run('bash', ['-ec', words], { cwd, env, timeoutMs: 300_000 }),
    async terminal(words, cwd = folder, variables = {}) {
      const args = ['-ec', `exec ${words}`]
      const own = { ...env, ...variables }
      const child = await startChild({ command: 'bash', args, cwd, env: own, stdio: ['ignore', 'pipe', 'pipe'] })
      terminals.add(child)
      void child.exited.then(() => terminals.delete(child))
      return terminalOf(child)
    },
    async leftovers() {
      const taken = await Promise.all(ports.map(async ([name, port]) => ((await isTaken(Number(port))) ? [name] : [])))
      return [...taken.flat(), ...processesIn(folder)]
    },
    async remove() {
      await Promise.all([...terminals].map((child) => child.kill()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function terminalOf({ pid, process: child }: Child): Terminal {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  // The exit code says nothing: npx, which waits for what it runs, then dies of the signal itself.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    said: () => said,
    says: (text) => vi.waitFor(() => expect(said).toContain(text), { timeout: 90_000, interval: 100 }),
    interrupt() {
      process.kill(-pid, 'SIGINT')
      return closed
    },
  }
}

/** The variables of the npm that runs the tests would tell the stranger's npm of this repository, and so would its PATH. */
const withoutNpm = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^(npm_(?!config_(registry|cache|.*proxy|cafile))|INIT_CWD|NODE_OPTIONS|VITEST)/i.test(name),
    ),
  ),
  // His Node is the one that the tests run under; of the repository's own programs he has none.
  PATH: [
    join(process.execPath, '..'),
    ...(environment.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules/.bin')),
  ].join(delimiter),
})

/** Linux says in which folder each process works. */
function processesIn(folder: string): readonly string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`)
      return cwd.startsWith(folder) ? [`process ${pid} in ${cwd}`] : []
    } catch {
      return [] // ended meanwhile, or another user's
    }
  })
}
