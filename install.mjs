// How bootstrap.mjs installs packages: by one process at a time, with progress, ended at once by Ctrl-C. Node's own modules only, and
// nothing newer than Node 18.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { isInstalled } from './installed.mjs'

function fail(message) {
  throw new Error(message)
}

/** `npm ci` where node_modules is not what package-lock.json says, by one process at a time. */
export async function install(root) {
  if (isInstalled(root)) return
  const release = await takeInstallLock(root)
  try {
    if (isInstalled(root)) return // the one we waited for did it
    await runInstall(root)
  } finally {
    release()
  }
}

/** The packages of the project with its tools, as `npm ci` leaves them: measured, MB. */
const installedMegabytes = 700

/**
 * `npm ci` in a process group of its own: npm takes long over a Ctrl-C, and one that is cut off is begun anew by the next run, so
 * it is ended at once.
 */
async function runInstall(root) {
  const wanted = packagesWanted(root)
  console.error(
    `Installing ${wanted.length} packages (npm ci, ${installedMegabytes} MB, once, a minute or two; Ctrl-C ends it at once) ...`,
  )
  // npm gives its scripts the path of its own code; run by hand, `npm` is on the PATH
  const npm = process.env.npm_execpath
  // its warnings say that some tools do not run on the system's Node: they do not have to
  const words = ['ci', '--loglevel=error', '--no-progress', '--no-audit', '--no-fund']
  const [command, args] = npm === undefined ? ['npm', words] : [process.execPath, [npm, ...words]]
  const child = spawn(command, args, { cwd: root, detached: true, stdio: ['ignore', 'inherit', 'pipe'] })
  let isFull = false
  child.stderr.on('data', (bytes) => {
    isFull ||= bytes.includes('ENOSPC')
    process.stderr.write(bytes)
  })
  const started = Date.now()
  const report = setInterval(() => {
    const there = wanted.filter((name) => fs.existsSync(path.join(root, name, 'package.json'))).length
    console.error(`  ${there} of ${wanted.length} packages, ${Math.round((Date.now() - started) / 1000)} s`)
  }, 5_000)
  let asked
  const end = (signal) => {
    asked = signal
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // it has ended by itself
    }
  }
  for (const signal of endings) process.on(signal, end)
  const stopWatching = whenOrphaned(() => end('SIGTERM'))
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (asked !== undefined) throw Object.assign(new Error('Stopped: the next run installs anew.'), { signal: asked })
    if (isFull) fail(`The disk is full: packages need ${installedMegabytes} MB. Free some room and run again.`)
    if (code !== 0) fail(`npm ci ended with ${code}: nothing was started. What npm said stands above.`)
  } finally {
    clearInterval(report)
    stopWatching()
    for (const signal of endings) process.off(signal, end)
  }
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** The folders of packages that are surely installed: those for other systems are left out by npm. */
function packagesWanted(root) {
  const { packages } = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(
      ([name, { link, optional, devOptional }]) => name.includes('node_modules/') && !link && !optional && !devOptional,
    )
    .map(([name]) => name)
}

/** A file made with `wx`. Its holder touches it; one not touched for half a minute, or whose holder is dead, is stale. */
async function takeInstallLock(root) {
  const lock = path.join(root, '.local', 'install.lock')
  fs.mkdirSync(path.dirname(lock), { recursive: true, mode: 0o700 })
  for (let tries = 0; ; tries++) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' })
      const touch = setInterval(() => fs.utimesSync(lock, new Date(), new Date()), 5_000)
      return () => {
        clearInterval(touch)
        fs.rmSync(lock, { force: true })
      }
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = holderOf(lock)
    if (holder === undefined) continue // released meanwhile
    if (holder.isStale) {
      removeStale(lock, holder.text)
      continue
    }
    if (tries === 0) console.error(`Waiting for process ${holder.text}, which is installing packages ...`)
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

function holderOf(lock) {
  try {
    const text = fs.readFileSync(lock, 'utf8')
    const untouchedMs = Date.now() - fs.statSync(lock).mtimeMs
    // an empty file has been made and not yet written
    return { text, isStale: untouchedMs > 30_000 || (text !== '' && !isAlive(Number(text))) }
  } catch {
    return undefined
  }
}

/** Moved aside first: if another took the lock since we looked, what we moved is not what we saw, and it is put back. */
function removeStale(lock, seen) {
  const aside = `${lock}.${process.pid}`
  try {
    fs.renameSync(lock, aside)
    if (fs.readFileSync(aside, 'utf8') !== seen) fs.linkSync(aside, lock)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  }
  fs.rmSync(aside, { force: true })
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** npm's shell dies of a SIGTERM without passing it on: that we have lost our parent is taken as one. @returns ends the watch */
export function whenOrphaned(then) {
  if (process.env.npm_lifecycle_event === undefined) return () => {}
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    then()
  }, 500)
  return () => clearInterval(watch)
}
