// Asks AWS's event-ruler. Its jars are fetched once by Maven into .local, which git ignores; the folder appears whole or not
// at all. One Java process answers all questions of a call.
import { type ExecFileException, execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
/** Named by its version: a change of pom.xml needs a change here. */
const jarsDir = join(here, '../../../.local/event-ruler/1.8.1')

export interface Question {
  readonly pattern: string
  readonly event: string
}

/** Whether the event matches, or event-ruler's words where it refuses the pattern. */
export type Verdict = boolean | string

/** @throws Error with the last words of Maven or Java */
export async function judge(questions: readonly Question[]): Promise<readonly Verdict[]> {
  if (!existsSync(jarsDir)) await fetchJars()
  const input = questions.map(({ pattern, event }) => JSON.stringify([pattern, event])).join('\n')
  const output = await run('java', ['-XX:+UseSerialGC', '-cp', join(jarsDir, '*'), join(here, 'Judge.java')], input)
  const verdicts = output.trimEnd().split('\n')
  if (verdicts.length !== questions.length)
    throw new Error(`${verdicts.length} answers to ${questions.length} questions`)
  return verdicts.map((verdict) => JSON.parse(verdict))
}

async function fetchJars(): Promise<void> {
  const partial = `${jarsDir}.${process.pid}`
  mkdirSync(partial, { recursive: true })
  const args = ['-B', '-q', '-f', join(here, 'pom.xml'), 'dependency:copy-dependencies', '-DincludeScope=runtime']
  try {
    await run('mvn', [...args, `-DoutputDirectory=${partial}`], '')
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    throw error
  }
  // Whoever was first has fetched the same.
  if (existsSync(jarsDir)) rmSync(partial, { recursive: true, force: true })
  else renameSync(partial, jarsDir)
}

function run(command: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string) =>
      error === null ? resolve(stdout) : reject(new Error(`${command}: ${error.message}\n${stdout}${stderr}`))
    const child = execFile(command, [...args], { maxBuffer: 64 * 1024 * 1024 }, done)
    child.stdin?.end(input)
  })
}
