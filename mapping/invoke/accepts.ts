// Whether anybody answers at an address: a connection is opened and closed, and nothing is sent.

import { connect } from 'node:net'

/** Whether something accepts a connection within `timeoutMs`. @param host a name, or an address without brackets */
export function accepts(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.setTimeout(timeoutMs, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
