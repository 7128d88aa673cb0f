import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** A batch of 10,000 rows makes 24 MB of objects, of which its code and feedback may stay; of what it made by literals, half did. */
const maxBytes = 2_500_000

test('what a batch has made is gone with the next small collection, and is not laid among the old objects', async () => {
  const script = join(import.meta.dirname, 'left-behind.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], { timeout: 60_000 })
  expect(Number(stdout)).toBeLessThan(maxBytes)
}, 90_000)
