import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { dataOf } from '../../../../local/cli/service/data.ts'
import { findService, makeLocalDir, type Service } from '../../../../local/cli/service/service.ts'
import { watchService } from '../../../../local/cli/service/service-watch.ts'

let folder: string
let service: Service
let stop: () => void = () => {}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-watch-'))
  writeFileSync(join(folder, 'serverless.yml'), '')
  service = findService({ dir: folder, environment: {} })
  makeLocalDir(service)
  writeFileSync(dataOf(service).startLock, '')
})
afterEach(() => {
  stop()
  rmSync(folder, { recursive: true, force: true })
})

test('local data that are deleted under a start end it, once', async () => {
  const fail = vi.fn()
  stop = watchService(service, { fail, notice: () => {}, everyMs: 5 })
  rmSync(service.localDir, { recursive: true })
  await vi.waitFor(() => expect(fail).toHaveBeenCalled())
  expect(fail).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      code: 'DATA_DELETED',
      message: expect.stringContaining('was deleted while start ran on it'),
    }),
  )
})

test('a definition that is changed is said, and ends nothing', async () => {
  const [fail, notice] = [vi.fn(), vi.fn()]
  stop = watchService(service, { fail, notice, everyMs: 5 })
  utimesSync(service.definitionFile, 1, 1)
  await vi.waitFor(() => expect(notice).toHaveBeenCalled())
  expect(notice).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^serverless\.yml was changed: .*start again/))
  expect(fail).not.toHaveBeenCalled()
})
