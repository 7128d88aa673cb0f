import { expect, test } from 'vitest'
import { keepRunning, type Running } from '../../../../local/cli/pipeline/keep-running.ts'

interface FakeRun extends Running {
  end(reason: string): void
}

function fakeRun(): FakeRun {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { ended: promise, end: resolve, stop: async () => resolve('stopped'), kill: async () => resolve('killed') }
}

/** A thing to keep running, whose starts take what `outcomes` holds in turn. */
function scene(outcomes: readonly (FakeRun | Error)[]) {
  const notices: string[] = []
  let starts = 0
  const waiting: { count: number; wake: () => void }[] = []
  const start = async (): Promise<FakeRun> => {
    const outcome = outcomes[starts]
    starts += 1
    for (const { count, wake } of waiting) if (count <= starts) wake()
    if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error('started too often')
    return outcome
  }
  const started = (count: number) =>
    new Promise<void>((wake) => (starts >= count ? wake() : waiting.push({ count, wake })))
  const options = { name: 'Kafka', start, notice: (line: string) => notices.push(line), firstPauseMs: 1 }
  return { options, notices, started, starts: () => starts }
}

const never = new AbortController().signal

test('what ends by itself is said and started again, however often its start fails in between', async () => {
  const [first, second] = [fakeRun(), fakeRun()]
  const { options, notices, started } = scene([first, new Error('port 9092 is taken'), second])
  const kept = await keepRunning(options, never)
  first.end('SIGKILL')
  await started(3)
  await kept.stop()
  expect(notices).toEqual([
    'Kafka ended by itself (SIGKILL). Starting it again ...',
    'Kafka could not be started: port 9092 is taken',
    'Kafka runs again.',
  ])
})

test('what is stopped stays stopped, and nothing is said', async () => {
  const { options, notices, starts } = scene([fakeRun()])
  const kept = await keepRunning(options, never)
  await kept.stop()
  expect(starts()).toBe(1)
  expect(notices).toEqual([])
})

test('stopping during the pause before another start ends at once', async () => {
  const first = fakeRun()
  const { options, starts } = scene([first])
  const kept = await keepRunning({ ...options, firstPauseMs: 3_600_000, longestPauseMs: 3_600_000 }, never)
  first.end('exit code 1')
  await first.ended
  await kept.stop()
  expect(starts()).toBe(1)
})

test('a first start that fails is the caller’s to hear', async () => {
  const { options } = scene([new Error('no Java')])
  await expect(keepRunning(options, never)).rejects.toThrow('no Java')
})
