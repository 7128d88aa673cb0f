// The first thing every npm script runs, under whatever Node the system has: it installs what is missing, then runs the
// command under the project's own Node (node_modules/node). Node's own modules only, and nothing newer than Node 18.
//
//   node bootstrap.mjs test | check | bench | …  the tools below
//   node bootstrap.mjs start | invoke | …       local/cli/index.ts, the `microbatch` command, see `npm start -- --help`
import { execFileSync, spawn } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, whenOrphaned } from './install.mjs'

const root = path.dirname(fileURLToPath(import.meta.url))
const modules = path.join(root, 'node_modules')
const ownNode = path.join(modules, 'node', 'bin', 'node')
const wantedMajor = 24

/** kafkajs 2.2.4 sets a negative timer now and then, of which Node 24 warns; it is harmless. */
const noWarning = '--disable-warning=TimeoutNegativeWarning'

/** Most of what is read is dead soon after, and V8 would let 100 MB of it come together. */
const smallYoungGeneration = '--max-semi-space-size=16'

/** Lint, types (of what runs in a browser by itself), unused things. */
const looks = [['.bin/biome', 'check', '.'], ['.bin/tsc'], ['.bin/tsc', '-p', 'mapping/page'], ['.bin/knip']]

/** Where Node keeps what it has compiled of each file, by its content: processes that read the same thousands of files start faster. */
const compiled = path.join(modules, '.cache', 'node')

/** What each command runs under the project's Node, one after the other; words after the command go to the last. */
const tools = new Map([
  ['test', [...looks, ['.bin/vitest', 'run', '--project', 'unit', '--project', 'services']]],
  ['check', [...looks, ['.bin/vitest', 'run', '--project', 'unit']]],
  ['bench', [['../bench/index.ts']]],
  ['sls', [['.bin/serverless']]],
  ['bench:mapping', [['../bench/mapping.ts']]],
  ['bench:spark', [['../bench/spark/index.ts']]],
  ['package', [['../scripts/package.ts']]],
  ['docs:pictures', [['../scripts/pictures.ts']]],
  ['docs', [['../scripts/errors.ts'], ['../scripts/reference.ts']]],
  ['chaos:mapping', [['../test/services/mapping-chaos/chaos.ts']]],
  ['chaos', [['../test/state/chaos.ts']]],
  ['test:artifact', [['.bin/vitest', 'run', '--config', 'test/rehearsal/vitest.config.ts', '--project', 'artifact']]],
  ['test:peers', [['.bin/vitest', 'run', '--project', 'peers']]],
  ['test:page', [['.bin/vitest', 'run', '--config', 'test/page/vitest.config.ts']]],
  ['test:deploy', [['.bin/vitest', 'run', '--config', 'test/rehearsal/vitest.config.ts', '--project', 'deploy']]],
  ['test:stranger', [['.bin/vitest', 'run', '--config', 'test/rehearsal/vitest.config.ts', '--project', 'stranger']]],
])

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    console.error(error.message)
    process.exitCode = error.signal === undefined ? 1 : 128 + os.constants.signals[error.signal]
  },
)

async function main() {
  if (Number(process.versions.node.split('.')[0]) < 18)
    fail(`Node ${process.version} is too old: 18 or newer is needed.`)
  const [command = 'help', ...rest] = process.argv.slice(2)
  await install(root)
  checkOwnNode()
  const tool = tools.get(command)
  const steps = tool || [['../local/cli/index.ts', command]]
  const nodeOptions = tool ? [noWarning] : [noWarning, smallYoungGeneration]
  for (const [index, step] of steps.entries()) {
    const words = index === steps.length - 1 ? [...step.slice(1), ...rest] : step.slice(1)
    const code = await run(ownNode, [...nodeOptions, path.join(modules, step[0]), ...words])
    if (code !== 0) return code
  }
  return 0
}

function fail(message) {
  throw new Error(message)
}

/** With --ignore-scripts npm does not put Node in its place, and the scripts would run on the system's without a word. */
function checkOwnNode() {
  let version
  try {
    version = execFileSync(ownNode, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    fail(
      `The project's own Node does not run (node_modules/node/bin/node). If packages were installed with --ignore-scripts: ` +
        '`npm rebuild node --ignore-scripts=false`. If node_modules came from another machine: remove it and run again.',
    )
  }
  if (!version.startsWith(`v${wantedMajor}.`)) {
    fail(`The project's own Node is ${version}, not ${wantedMajor}: remove node_modules and run again.`)
  }
}

/**
 * Runs a child on our terminal and gives its exit code. The terminal sends Ctrl-C to the whole foreground group, the child
 * included, so it is passed on only where there is no terminal.
 */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const env = {
      NODE_COMPILE_CACHE: compiled,
      ...process.env,
      PATH: `${path.join(modules, '.bin')}${path.delimiter}${process.env.PATH}`,
    }
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env })
    const pass = (signal) => child.kill(signal)
    const interrupted = () => process.stdin.isTTY || pass('SIGINT')
    process.on('SIGINT', interrupted).on('SIGTERM', pass).on('SIGHUP', pass)
    const stopWatching = whenOrphaned(() => pass('SIGTERM'))
    const done = () => {
      stopWatching()
      process.off('SIGINT', interrupted).off('SIGTERM', pass).off('SIGHUP', pass)
    }
    child.once('error', (error) => {
      done()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      done()
      resolve(code === null ? 128 + os.constants.signals[signal] : code)
    })
  })
}
