// Ports of this machine: a free one, one that accepts, and who listens on a taken one. Looking at a port opens a connection and closes it;
// nothing is sent.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { accepts } from 'serverless-offline-kafka-mapping/internal/invoke/accepts'
import { commandOf } from './identity.ts'

export interface Listener {
  /** Undefined where the system does not say (another user's process, another container). */
  readonly pid: number | undefined
  readonly command: string | undefined
}

/** A port that was free on 127.0.0.1 a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** Whether something accepts connections on this port of 127.0.0.1 or ::1 (`localhost` may mean either). */
export async function isTaken(port: number): Promise<boolean> {
  const taken = await Promise.all([accepts('127.0.0.1', port, 1_000), accepts('::1', port, 1_000)])
  return taken.includes(true)
}

/** Who listens on a TCP port of this machine; undefined when nobody does or the system does not say. */
export function listenerOn(port: number): Listener | undefined {
  return process.platform === 'linux' ? listenerFromProc(port) : listenerFromLsof(port)
}

/** `process 1234 (java -jar …)`, or the honest lack of it. */
export function describeListener(listener: Listener | undefined): string {
  if (listener?.pid === undefined) return 'a process that this user may not see (another user, or a container)'
  const command = listener.command ?? 'command unknown'
  return `process ${listener.pid} (${command.length > 120 ? `${command.slice(0, 117)}...` : command})`
}

/** /proc/net/tcp: local address in hex in column 1, state 0A = LISTEN in column 3, socket inode in column 9 (proc(5)). */
function listenerFromProc(port: number): Listener | undefined {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let text: string
    try {
      text = readFileSync(table, 'utf8')
    } catch {
      continue // no IPv6 on this machine
    }
    for (const line of text.split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/)
      if (columns[3] === '0A' && columns[1]?.endsWith(`:${hexPort}`) && columns[9] !== undefined) inodes.add(columns[9])
    }
  }
  if (inodes.size === 0) return undefined
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let descriptors: string[]
    try {
      descriptors = readdirSync(`/proc/${pid}/fd`)
    } catch {
      continue // another user's process, or gone
    }
    for (const descriptor of descriptors) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1]
        if (inode !== undefined && inodes.has(inode)) return { pid: Number(pid), command: commandOf(Number(pid)) }
      } catch {} // the descriptor was closed meanwhile
    }
  }
  return { pid: undefined, command: undefined }
}

function listenerFromLsof(port: number): Listener | undefined {
  try {
    const text = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'], { encoding: 'utf8' })
    const pid = Number(/^p(\d+)$/m.exec(text)?.[1])
    return Number.isInteger(pid) ? { pid, command: commandOf(pid) } : undefined
  } catch {
    return undefined // lsof ends with 1 when nobody listens
  }
}
