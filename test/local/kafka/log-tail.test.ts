import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { tailOf } from '../../../local/kafka/broker.ts'

test('the end of a log is shown without the frames of stack traces; a log that was deleted is no error of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'microbatch-log-'))
  const file = join(folder, 'broker.log')
  writeFileSync(file, 'started\nsomething failed\n\tat kafka.Broker.run(Broker.java:1)\nended\n')
  expect(tailOf(file, 2)).toBe('  | something failed\n  | ended')
  rmSync(folder, { recursive: true })
  expect(tailOf(file)).toBe('  | (it is gone)')
})
