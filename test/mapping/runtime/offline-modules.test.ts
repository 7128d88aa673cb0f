import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { changes, mends } from '../../../mapping/runtime/offline-modules.ts'
import { exceptionIn, readLine } from '../../../mapping/runtime/python-runner.ts'

const root = join(createRequire(import.meta.url).resolve('serverless-offline'), '../..')
const fileOf = (module: string) => join(root, module.replace('/serverless-offline/', ''))

test('the modules that are exchanged are those of the installed serverless-offline, and each mended line is in one', () => {
  expect(changes.filter(({ module }) => !existsSync(fileOf(module)))).toEqual([])
  for (const { flawed, mended } of Object.values(mends)) {
    const mending = changes.filter(({ module }) => readFileSync(fileOf(module), 'utf8').includes(flawed))
    expect(
      mending.map(({ module, change }) => change(readFileSync(fileOf(module), 'utf8'), module).includes(mended)),
    ).toEqual([true])
  }
})

test('a Python answer is read behind what was printed without a line break', () => {
  expect(readLine('working…{"__offline_payload__": null}')).toEqual({ printed: 'working…', answer: { value: null } })
  expect(readLine('{"__offline_payload__": {"batchItemFailures": []}}')).toEqual({
    printed: '',
    answer: { value: { batchItemFailures: [] } },
  })
  expect(readLine('{"level": "INFO"}')).toEqual({ printed: '{"level": "INFO"}' })
})

test("the last line of a traceback is the function's error", () => {
  const trace =
    'Traceback (most recent call last):\n  File "h.py", line 3\nbotocore.exceptions.ClientError: bad: meter\n'
  expect(exceptionIn(`INFO:root:hello\n${trace}`, 1)).toMatchObject({
    name: 'botocore.exceptions.ClientError',
    message: 'bad: meter',
  })
  expect(exceptionIn('', 137)).toMatchObject({
    name: 'Runtime.ExitError',
    message: 'python ended with code 137 and gave no answer',
  })
})
