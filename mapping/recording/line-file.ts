// A file of lines that several writers append to at the same time: each line is written in one go, so that no two mix. What is
// in it may be payloads: its mode is 0600, and it is appended to, never rewritten.

import { closeSync, fchmodSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface LineFile {
  /** @param line without its line break; several with line breaks between them */
  append(line: string): void
  close(): void
}

/**
 * Opens a file, made with its folder where it is not there; a folder that it makes git ignores.
 *
 * @param pack compresses what is appended at once; left out, it is written as it is
 * @throws the system's error where it cannot be opened; `append` where it cannot be written
 * @example const file = openLineFile('.local/on-failure.ndjson'); file.append(JSON.stringify(record)); file.close()
 */
export function openLineFile(path: string, pack = (bytes: Buffer): Buffer => bytes): LineFile {
  const folder = dirname(path)
  const isMade = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined
  // Payloads are nothing for a repository. A folder that was there before is its owner's.
  if (isMade) writeFileSync(join(folder, '.gitignore'), '*\n')
  const descriptor = openSync(path, 'a', 0o600)
  fchmodSync(descriptor, 0o600)
  return {
    append: (line) => {
      const bytes = pack(Buffer.from(`${line}\n`))
      // Synchronously: FileHandle.appendFile writes half a megabyte at a time, and other writers come in between.
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
    },
    close: () => closeSync(descriptor),
  }
}
