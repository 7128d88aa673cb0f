// Which code an invocation ran: what git says of the folder. Without git, or outside of a repository, nothing is known.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const words = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']

/**
 * The commit, and `-dirty` behind it where files of it are changed; null where git has nothing to say.
 * @example await codeVersion('.') // '1be16047c0…-dirty'
 */
export async function codeVersion(folder: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', words, { cwd: folder, timeout: 5_000 })
    return stdout.trim() || null
  } catch {
    return null
  }
}
