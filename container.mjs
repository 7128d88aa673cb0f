// The first thing in the Node containers of docker-compose.yml. The project is mounted at /app, as the user's: it is read there
// and never written. This copies the code into the folder it is called from, where it runs and keeps its data; packages are
// those of the project where they run in this container (another system's do not), or else bootstrap.mjs installs them.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './installed.mjs'

const project = path.dirname(fileURLToPath(import.meta.url))
const folder = process.cwd()

/** What belongs to one place: made by it, or only of use to it. */
const notCopied = new Set(['node_modules', '.git', '.local', '.esbuild', '.serverless', 'coverage'])

if (folder === project)
  throw new Error(`${folder} is the project itself: this is for the containers of docker-compose.yml.`)
for (const name of fs.readdirSync(project)) {
  if (notCopied.has(name)) continue
  const target = path.join(folder, name)
  fs.rmSync(target, { recursive: true, force: true }) // a file that was deleted from a folder there is not left here
  fs.cpSync(path.join(project, name), target, { recursive: true })
}

const theirs = path.join(project, 'node_modules')
const ours = path.join(folder, 'node_modules')
if (isInstalled(project) && runs(path.join(theirs, 'node', 'bin', 'node'))) {
  fs.rmSync(ours, { recursive: true, force: true })
  fs.symlinkSync(theirs, ours)
} else if (fs.lstatSync(ours, { throwIfNoEntry: false })?.isSymbolicLink()) {
  fs.rmSync(ours)
}

/** The packages hold programs for one system; the project's own Node is one of them. */
function runs(node) {
  try {
    execFileSync(node, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
