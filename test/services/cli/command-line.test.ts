// The command line itself: help, versions, what does not exist, and a Node that is too old.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { microbatch, program, projectDir } from './microbatch.ts'

const names = [
  ...'init start batch verify topic send tail lag invoke record replay diff redrive'.split(' '),
  ...'state catch-up doctor mapping localstack'.split(' '),
]

test('every command has its help, in its own name', async () => {
  const { stdout } = await microbatch(['--help'])
  for (const name of names) {
    expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'))
    const { code, stdout: help } = await microbatch([name, '--help'])
    expect([code, help.split('\n')[0]]).toEqual([0, expect.stringContaining(`microbatch ${name} `)])
    expect(help).not.toMatch(/npm run|stock-ticks|\bbars\b|\btape\b|symbol/)
  }
}, 120_000)

test('the version is the one of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(projectDir, 'local/package.json'), 'utf8'))
  expect(await microbatch(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('an unknown command is refused with the nearest one, a stray option with where to look', async () => {
  expect(await microbatch(['strat'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'There is no command strat. Did you mean start? All commands: microbatch --help\n',
  })
  expect(await microbatch(['frobnicate'])).toMatchObject({ code: 2, stderr: expect.not.stringContaining('mean') })
  expect(await microbatch(['lag', '--josn'])).toMatchObject({ code: 2, stderr: expect.stringContaining('lag --help') })
})

test('outside of a service the commands that need one say so', async () => {
  expect(await microbatch(['lag'], { cwd: '/' })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^There is no serverless\.yml in \/, .*--dir FOLDER.*microbatch init/),
  })
})

test('a Node before 22.15 is told which one is needed, in one line', () => {
  const said: string[] = []
  const process = { versions: { node: '20.19.0' }, version: 'v20.19.0', exitCode: 0 }
  const console = { error: (line: string) => said.push(line) }
  const source = readFileSync(program, 'utf8').replace(/^#!.*/, '')
  runInNewContext(source, { process, console, require: createRequire(program), __dirname: join(program, '..') })
  expect(process.exitCode).toBe(1)
  expect(said).toEqual([expect.stringMatching(/^microbatch needs Node 22\.15 or newer, and this is v20\.19\.0: /)])
})
