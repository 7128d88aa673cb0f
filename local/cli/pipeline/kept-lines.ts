// A file that lines are added to while something runs. Each is written at once, not through a stream: what was said before a crash,
// or shown by a start that was killed, is what one looks for.
import { openSync, writeSync } from 'node:fs'
import { sayingFullDisk } from '../../process/disk.ts'

/**
 * @returns adds a line; throws LocalError DISK_FULL where there is no room for it
 * @example const write = keptLines('.local/log/tables.txt'); write('+------+')
 */
export function keptLines(file: string): (line: string) => void {
  const descriptor = openSync(file, 'a', 0o600)
  return (line) => {
    try {
      writeSync(descriptor, `${line}\n`)
    } catch (error) {
      throw sayingFullDisk(error, file)
    }
  }
}
