import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bindToCluster } from '../../../local/dynamodb/binding.ts'

test('state belongs to the first Kafka it was used with; another one is refused, with the ways out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'microbatch-binding-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  bindToCluster(folder, 'cluster-a')
  bindToCluster(folder, 'cluster-a')
  expect(() => bindToCluster(folder, 'cluster-b')).toThrow(/cluster-a.*cluster-b.*microbatch start --fresh/s)
  expect(statSync(join(folder, 'kafka-cluster-id')).mode & 0o777).toBe(0o600)
})
