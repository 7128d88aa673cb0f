// docs/your-own-service.md, followed word by word by someone who has the tarballs, and nothing else of this repository.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectDir } from '../process.ts'
import { stepsOf } from './walkthrough.ts'
import { openWorkplace, type Terminal, type Workplace } from './workplace.ts'

const steps = stepsOf(readFileSync(join(projectDir, 'docs/your-own-service.md'), 'utf8'))
let place: Workplace

beforeAll(async () => {
  place = await openWorkplace()
})
afterAll(() => place.remove())

test('the page has five files at most', () => {
  expect(steps.filter(({ kind }) => kind === 'file').length).toBeLessThanOrEqual(5)
})

test('each of its commands runs, in its order, and prints what the page says', async () => {
  let cwd = place.folder
  let terminal: Terminal | undefined
  let said = ''
  for (const step of steps) {
    switch (step.kind) {
      case 'file':
        mkdirSync(dirname(join(cwd, step.name)), { recursive: true })
        writeFileSync(join(cwd, step.name), step.text)
        break
      case 'command': {
        const file = join(place.folder, 'working-directory')
        said = await place.shell(`${step.text}\npwd > ${file}`, cwd)
        cwd = readFileSync(file, 'utf8').trim()
        break
      }
      case 'terminal':
        terminal = await place.terminal(step.text, cwd)
        await terminal.says('Ctrl-C ends all of it.')
        break
      case 'printed':
        for (const line of step.lines)
          if (terminal === undefined) expect(said).toContain(line)
          else await terminal.says(line)
        break
      case 'interrupt':
        await terminal?.interrupt()
        expect(terminal?.said()).toContain('CommittedEventCount 4')
        expect(await place.leftovers()).toEqual([])
        terminal = undefined
        break
    }
  }
  expect(terminal).toBeUndefined()
}, 600_000)
