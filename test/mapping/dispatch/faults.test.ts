import { describe, expect, test } from 'vitest'
import { createFaults, type Fault, withFaults } from '../../../mapping/dispatch/faults.ts'
import type { InvokeOutcome, InvokePayload } from '../../../mapping/invoke/invoker.ts'

const fault = (kind: Fault['kind'], more: Partial<Fault> = {}): Fault => ({
  kind,
  nth: 1,
  times: 1,
  delayMs: 0,
  ...more,
})
const payload: InvokePayload = {
  recordCount: 1,
  event: { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092', records: {} },
  bytes: Buffer.from('{}'),
}

/** What an Invoker answers that is called several times, and how often the function was. */
async function outcomes(
  given: readonly Fault[],
  calls: number,
  own: InvokeOutcome = { kind: 'success', payload: '7' },
) {
  const faults = createFaults()
  for (const one of given) faults.arm(one)
  let called = 0
  const injected: string[] = []
  const invoker = withFaults(
    {
      ready: async () => undefined,
      invoke: async () => {
        called += 1
        return own
      },
      close: () => undefined,
    },
    faults,
    (text) => injected.push(text),
  )
  const kinds: string[] = []
  for (let call = 0; call < calls; call += 1)
    kinds.push((await invoker.invoke('bars', payload, new AbortController().signal)).kind)
  return { kinds, called, injected, left: faults.armed().length }
}

describe('a fault', () => {
  test('that throws or throttles is given in place of the function, and is over', async () => {
    expect(await outcomes([fault('throw')], 2)).toMatchObject({
      kinds: ['functionError', 'success'],
      called: 1,
      left: 0,
    })
    expect(await outcomes([fault('throttle')], 2)).toMatchObject({
      kinds: ['throttled', 'success'],
      called: 1,
      left: 0,
    })
  })

  test('begins with the nth invocation and lasts as many as it says', async () => {
    const { kinds, injected } = await outcomes([fault('throw', { nth: 2, times: 2 })], 5)
    expect(kinds).toEqual(['success', 'functionError', 'functionError', 'success', 'success'])
    expect(injected).toEqual(['throw', 'throw'])
  })

  test('that loses the answer or delivers twice has called the function', async () => {
    expect(await outcomes([fault('lostAnswer')], 1)).toMatchObject({ kinds: ['functionError'], called: 1 })
    expect(await outcomes([fault('duplicate')], 1)).toMatchObject({ kinds: ['success'], called: 2 })
  })

  test('leaves an error of the function as it is', async () => {
    const own = { kind: 'functionError', errorType: 'Error', message: 'boom' } as const
    expect(await outcomes([fault('lostAnswer'), fault('duplicate')], 2, own)).toMatchObject({ called: 2, left: 0 })
  })

  test('that slows down calls the function later, or at once where nobody waits any longer', async () => {
    const begunMs = performance.now()
    expect(await outcomes([fault('slow', { delayMs: 30 })], 1)).toMatchObject({
      kinds: ['success'],
      injected: ['slow down, 30 ms'],
    })
    expect(performance.now() - begunMs).toBeGreaterThan(25)
  })

  test('waits for the one before it: of two that are due both have their turn', async () => {
    expect((await outcomes([fault('throw'), fault('throttle')], 3)).kinds).toEqual([
      'functionError',
      'throttled',
      'success',
    ])
  })

  test('is taken back', () => {
    const faults = createFaults()
    faults.arm(fault('throw'))
    faults.arm(fault('slow'))
    faults.cancel(faults.armed()[0]?.id ?? 0)
    expect(faults.armed().map(({ kind }) => kind)).toEqual(['slow'])
  })
})
