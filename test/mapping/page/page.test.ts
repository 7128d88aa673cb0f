// The page's server in this process: its files, its feed, its buttons, and that its failures are its own.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { EventPayload } from '../../../mapping/batch/event-payload.ts'
import { createFaults } from '../../../mapping/dispatch/faults.ts'
import { eventPublisher } from '../../../mapping/events/channel.ts'
import { RecordList } from '../../../mapping/events/record-list.ts'
import type { InvokeOutcome } from '../../../mapping/invoke/invoker.ts'
import { openPage, type Page } from '../../../mapping/page/page.ts'
import { createMetrics } from '../../../mapping/report/metrics.ts'
import { memoryLog, rowsFrom, someSettings } from '../builders.ts'

const pages: Page[] = []
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close()
})

async function aPage(outcome: InvokeOutcome | 'busy' = { kind: 'success', payload: '7' }) {
  const settings = someSettings()
  const events = eventPublisher(settings)
  const log = memoryLog()
  const done: string[] = []
  const faults = createFaults()
  let failsToSum = false
  const page = await openPage({
    ...{ port: 0, service: 'demo-dev', log },
    mappings: [
      {
        ...{ identity: settings, settings, metrics: createMetrics(), isPaused: () => false, faults: () => [] },
        lags: () => {
          if (failsToSum) throw new Error('lags')
          return new Map([[0, 5]])
        },
        controls: {
          pause: () => void done.push('pause'),
          resume: () => void done.push('resume'),
          rejoin: () => void done.push('rejoin'),
          faults,
          replay: (payload) => {
            if (outcome === 'busy') return undefined
            done.push(String(payload.recordCount))
            return Promise.resolve(outcome)
          },
        },
      },
    ],
  })
  pages.push(page)
  const { origin, searchParams } = new URL(page.url ?? '')
  const headers = { 'x-page-token': searchParams.get('token') ?? '' }
  const get = (path: string) => fetch(`${origin}${path}`, { headers })
  const post = async (path: string, body: unknown = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body: text })
    return { status: answer.status, text: await answer.text() }
  }
  const rows = rowsFrom(0, [1, 2])
  const sent = { records: new RecordList(rows), reason: 'window', payloadBytes: 100, filteredOut: 0 } as const
  const payload = new EventPayload({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, rows)
  const sendBatch = () => {
    events.publish({ kind: 'batchClosed', waitedMs: 20, ...sent })
    events.publish({ kind: 'invocationStarted', attempt: 1, payload, ...sent })
  }
  const breakDown = () => {
    failsToSum = true
  }
  return { page, log, events, done, faults, get, post, sendBatch, breakDown }
}

describe('the page', () => {
  test('says its address, and has its files, under headers that let nothing in from elsewhere', async () => {
    const { page, log, get } = await aPage()
    expect(log.lines).toEqual([`notice: page: ${page.url}`])
    const index = await get('/')
    expect(index.headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'self'; style-src 'self'/,
    )
    const html = await index.text()
    const files = [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path ?? '')
    expect(files).toContain('/vendor/uPlot.min.css')
    for (const path of [...files, '/vendor/uPlot.esm.js'])
      expect(`${path} ${(await get(path)).status}`).toBe(`${path} 200`)
    for (const path of ['/page.ts', '/../package.json', '/%2e%2e/page.ts', '/tsconfig.json'])
      expect((await get(path)).status).toBe(404)
  })

  test('takes the token out of the address into a cookie', async () => {
    const { page } = await aPage()
    const answer = await fetch(page.url ?? '', { redirect: 'manual' })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/')
    expect(answer.headers.get('set-cookie')).toMatch(
      /^kafka-mapping-page-\d+=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/,
    )
  })

  test('feeds its whole state first, then what changes', async () => {
    const { get, sendBatch } = await aPage()
    const answer = await get('/feed')
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const read = async (wanted: RegExp) => {
      while (!wanted.test(text)) text += (await reader?.read())?.value ?? ''
    }
    await read(/event: state\ndata: .*\n\n/)
    sendBatch()
    await read(/event: change\ndata: .*"reason":"window".*\n\n/)
    await reader?.cancel()
  })

  test('shows the payload of a batch, and sends it again', async () => {
    const { get, post, sendBatch, done } = await aPage()
    sendBatch()
    const payload = await (await get('/batches/1/payload')).json()
    expect(payload).toMatchObject({ records: { 'stock-ticks-0': [{ offset: 1 }, { offset: 2 }] } })
    expect(await post('/batches/1/replay')).toMatchObject({
      status: 200,
      text: expect.stringContaining('No offset moved'),
    })
    expect(done).toEqual(['2'])
    expect((await get('/batches/9/payload')).status).toBe(404)
    expect((await post('/batches/9/replay')).status).toBe(404)
  })

  test('says why a batch that was sent again failed, or could not be sent', async () => {
    const failing = await aPage({ kind: 'functionError', errorType: 'TypeError', message: 'boom' })
    failing.sendBatch()
    expect((await failing.post('/batches/1/replay')).text).toContain('It failed (functionError): TypeError: boom')
    const busy = await aPage('busy')
    busy.sendBatch()
    expect((await busy.post('/batches/1/replay')).status).toBe(409)
  })

  test('has buttons, which take what they are made for only', async () => {
    const { post, done, faults } = await aPage()
    await post('/mappings/0/pause')
    await post('/mappings/0/resume')
    await post('/mappings/0/faults', { kind: 'rebalance' })
    expect(done).toEqual(['pause', 'resume', 'rejoin'])
    expect((await post('/mappings/0/faults', { kind: 'throw', nth: 3, times: 2 })).status).toBe(200)
    expect(faults.armed()).toMatchObject([{ kind: 'throw', nth: 3, times: 2, delayMs: 0 }])
    await post(`/mappings/0/faults/${faults.armed()[0]?.id}`)
    expect(faults.armed()).toEqual([])

    for (const body of [{ kind: 'explode' }, { kind: 'throw', nth: 0 }, { kind: 'throw', more: 1 }, 'no JSON'])
      expect((await post('/mappings/0/faults', body)).status).toBe(400)
    expect((await post('/mappings/7/pause')).status).toBe(404)
    expect((await post('/mappings/0/delete')).status).toBe(404)
    expect((await post('/mappings/0/faults', 'x'.repeat(5_000))).status).toBe(413)
  })

  test('that cannot have its port says so, and is not there', async () => {
    const { page } = await aPage()
    const log = memoryLog()
    const port = Number(new URL(page.url ?? '').port)
    const second = await openPage({ port, service: 'demo-dev', mappings: [], log })
    expect(second.url).toBeUndefined()
    expect(log.lines).toEqual([
      expect.stringMatching(/^warning: the page cannot be shown at port \d+: .*EADDRINUSE.*run without it$/),
    ])
    await second.close()
  })

  test('that fails ends itself alone, says so once, and takes back what was done by it', async () => {
    const { page, log, breakDown, sendBatch, post, faults, done } = await aPage()
    await post('/mappings/0/pause')
    await post('/mappings/0/faults', { kind: 'throw' })
    breakDown()
    await vi.waitFor(() => expect(log.lines).toHaveLength(2), { timeout: 3_000 })
    expect(log.lines[1]).toMatch(/^warning: the page ends, of an error of its own: lags/)
    expect(done).toEqual(['pause', 'resume'])
    expect(faults.armed()).toEqual([])
    sendBatch()
    await expect(fetch(page.url ?? '')).rejects.toThrow()
  })
})
