import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import { importArchive, timeText } from '../../../local/recording/import-archive.ts'
import { aRow } from '../../mapping/builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'microbatch-archive-'))
afterAll(() => rmSync(folder, { recursive: true }))

const definition = {
  ...{ service: 'demo', stage: 'dev', region: 'eu-west-1', functions: { bars: {} }, queries: {}, offline: {} },
  ...{ environment: {}, runtime: undefined },
}

test('archived events become invocations of a function, at the time of their last record', async () => {
  const rows = [aRow(), aRow({ offset: 1, timestamp: 1_767_623_400_000 })]
  const event = encodeKafkaEvent({ eventSource: 'aws:kafka', eventSourceArn: 'arn', bootstrapServers: 'b:9092' }, rows)
  const path = join(folder, 'archive.ndjson')
  writeFileSync(path, `${JSON.stringify({ 'detail-type': 'Kafka', detail: event })}\n{"level":"INFO"}\n`)
  const { invocations, others } = await importArchive(path, definition, 'bars')
  expect(invocations).toMatchObject([
    { at: '2026-01-05T14:30:00.000Z', function: 'bars', outcome: 'none', event: { records: event.records } },
  ])
  expect(others).toEqual(['archive.ndjson:2'])
  await expect(importArchive(path, definition, undefined)).rejects.toThrow(/:1 does not say whose event it is/)
})

test('a time that a producer made up is within what the file can say', () => {
  expect(timeText(-1)).toBe('1970-01-01T00:00:00.000Z')
  expect(timeText(1e18)).toBe('9999-12-31T00:00:00.000Z')
})
