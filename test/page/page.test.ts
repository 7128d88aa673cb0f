// The page as a person meets it: a real start, a real Chromium, one start for all tests, which go on from each other.

import { rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listenerOn } from '../../local/process/port.ts'
import { aStart, type Start } from './a-start.ts'
import { launchChromium } from './chromium.ts'

/** A batch closes every three seconds; a start of the functions takes ten. */
const timeout = 40_000
let start: Start
let browser: Browser
let page: Page
const requested: string[] = []
const complaints: string[] = []

beforeAll(async () => {
  // The folder of the dead letters is a file first: a function that has one fails, for a reason of its own.
  const begun = aStart((dir) => ({ DEAD_LETTER_FILE: join(dir, 'bad/letters.ndjson') }))
  browser = await launchChromium()
  start = await begun
  writeFileSync(join(start.dir, 'bad'), '')
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  context.setDefaultTimeout(timeout)
  page = await context.newPage()
  page.on('request', (sent) => requested.push(sent.url()))
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${start.url}#bars/stock-ticks`)
})
afterAll(async () => {
  await browser?.close()
  await start?.stop()
})

const row = (mapping: string): Locator => page.getByRole('navigation').getByRole('row', { name: mapping })
const status = (): Locator => page.locator('#detail .title .status')
const fact = (name: string): Locator =>
  page
    .locator('.facts > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('.value')
const batch = (index: number): Locator => page.locator('table.batches tbody').nth(index)

/** Waits until the text of an element is as wished. */
async function becomes(element: Locator, wished: (text: string) => boolean): Promise<string> {
  let text = ''
  const isThere = async () => {
    text = await element.innerText()
    return wished(text)
  }
  await expect.poll(isThere, { timeout, interval: 100 }).toBe(true)
  return text
}

test('the token leaves the address, and rates, watermark and batches move', async () => {
  expect(new URL(page.url()).search).toBe('')
  await page.getByText('Live', { exact: true }).waitFor()
  const rate = await becomes(fact('Process rate'), (text) => Number.parseFloat(text) > 0)
  await becomes(fact('Process rate'), (text) => text !== rate)
  const watermark = await becomes(fact('Watermark'), (text) => /^\d\d:\d\d:\d\d$/.test(text))
  await becomes(fact('Watermark'), (text) => text > watermark)
  expect(await fact('Held back by').innerText()).toMatch(/^partition \d$/)
  expect(await row('tape').innerText()).toMatch(/running/)
  expect(await page.locator('.plot canvas').count()).toBe(4)
  await becomes(page.locator('#detail pre').first(), (text) => text.includes('|window') && text.includes('|AAPL'))
})

test('a batch says why it closed, and opened, what it was and what it held', async () => {
  const open = batch(0).getByRole('button').first()
  const line = await batch(0).innerText()
  expect(line).toMatch(/window, 3 s/)
  // By keyboard.
  await open.focus()
  await page.keyboard.press('Enter')
  const opened = page.locator('table.batches tbody').filter({ has: page.locator('[aria-expanded=true]') })
  await becomes(
    opened,
    (text) => /Offsets by partition/.test(text) && /Stages\s+decode/.test(text) && /ms: ok/.test(text),
  )
  await opened.getByRole('button', { name: 'Payload' }).click()
  await becomes(opened.locator('.payload'), (text) => /"symbol":"AAPL"/.test(text))
  await opened.getByRole('button', { name: 'Replay this batch' }).click()
  await becomes(opened.locator('.answer'), (text) => /No offset moved\. It returned \{"name":"bars"/.test(text))
})

test('a handler that fails shows as failing with its error, and a dead letter with its bytes', async () => {
  await start.send('not \u0001 JSON\n', '--partition', '1')
  await becomes(status(), (text) => text === 'failing')
  await becomes(page.locator('.why'), (text) =>
    /^The function failed: .*dead letters: .*letters\.ndjson cannot be written/.test(text),
  )
  await page
    .getByText(/^again in [\d.]+ m?s$/)
    .first()
    .waitFor()

  rmSync(join(start.dir, 'bad'))
  await becomes(status(), (text) => text === 'running')
  const letter = page.locator('.letters details').filter({ hasText: 'NOT_JSON' }).first()
  expect(await letter.innerText()).toMatch(/stock-ticks-1 offset \d+/)
  await letter.locator('summary').click()
  await becomes(letter, (text) => text.includes('6e 6f 74 20 01 20 4a 53 4f 4e') && text.includes('not . JSON'))
  await becomes(fact('Dead letters'), (text) => text === '1')
})

test('a mapping is paused and resumed', async () => {
  await page.getByRole('button', { name: 'Pause' }).click()
  await becomes(status(), (text) => text === 'paused')
  const lag = async () => Number((await fact('Lag').innerText()).replaceAll(',', ''))
  await expect.poll(lag, { timeout }).toBeGreaterThan(25)
  expect(await row('tape').innerText()).toMatch(/running/)
  await page.getByRole('button', { name: 'Resume' }).click()
  await becomes(status(), (text) => text === 'running')
  await expect.poll(lag, { timeout }).toBeLessThan(20)
})

test('a fault is injected and recovered from; a rebalance too', async () => {
  await page.getByRole('button', { name: 'Inject a fault' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Lose the answer').click()
  await dialog.getByRole('button', { name: 'Inject', exact: true }).click()
  await page.getByText('Armed: lose the answer: the next invocation').waitFor()
  await becomes(status(), (text) => text === 'failing')
  await becomes(page.locator('.why'), (text) =>
    /InjectedFault: the function did its work; its answer is lost/.test(text),
  )
  await becomes(status(), (text) => text === 'running')
  // Its second attempt took it.
  const second = page.locator('td[data-label=Attempts]').filter({ hasText: /^2$/ })
  await page.locator('table.batches tbody').filter({ has: second }).filter({ hasText: 'ok' }).first().waitFor()

  await page.getByRole('button', { name: 'Inject a fault' }).click()
  await dialog.getByText('Rebalance').click()
  await dialog.getByRole('button', { name: 'Inject', exact: true }).click()
  await page.getByText('leaves its group and joins it again').waitFor()
  const rows = await fact('Rows out').innerText()
  await becomes(fact('Rows out'), (text) => text !== rows)
})

test('nobody else can call it: not without the token, not from another origin or host', async () => {
  const { port, origin, searchParams } = new URL(start.url)
  const token = searchParams.get('token') ?? ''
  const call = (path: string, headers: Record<string, string>, method = 'GET') =>
    new Promise<number | undefined>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        response.destroy()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
  expect(await call('/', {})).toBe(401)
  expect(await call('/feed', {})).toBe(401)
  expect(await call('/?token=wrong-wrong-wrong-wrong', {})).toBe(401)
  expect(await call('/feed', { 'x-page-token': token })).toBe(200)
  expect(await call('/feed', { 'x-page-token': token, host: `evil.example:${port}` })).toBe(403)
  expect(await call('/mappings/0/pause', { 'x-page-token': token, origin: 'http://evil.example' }, 'POST')).toBe(403)
  expect(await call('/mappings/0/pause', { 'x-page-token': token, origin: 'null' }, 'POST')).toBe(403)

  // Another page of the same browser, whose cookies it has: even of the same machine.
  const other = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<title>other</title>'),
  )
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const foreign = await page.context().newPage()
  try {
    await foreign.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`)
    const tried = await foreign.evaluate(async (target) => {
      const outcome = (path: string, init: RequestInit) =>
        fetch(`${target}${path}`, { credentials: 'include', ...init }).then(
          (answer) => `${answer.type} ${answer.status}`,
          () => 'refused',
        )
      return [
        await outcome('/feed', {}),
        await outcome('/mappings/0/pause', { method: 'POST', mode: 'no-cors' }),
        await outcome('/mappings/1/pause', { method: 'POST', mode: 'no-cors' }),
      ]
    }, origin)
    expect(tried).toEqual(['refused', 'refused', 'refused'])
  } finally {
    await foreign.close()
    other.close()
  }
  expect(await row('tape').innerText()).toMatch(/running/)
  expect(await row('bars').innerText()).toMatch(/running/)
})

test('it comes back by itself after what it shows was killed, and no request left this machine', async () => {
  expect(complaints).toEqual([])
  const offline = listenerOn(start.lambdaPort)?.pid
  if (offline === undefined) throw new Error('no serverless offline runs')
  process.kill(offline, 'SIGKILL')
  await page.getByText('The mappings do not answer').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  await becomes(fact('Process rate'), (text) => Number.parseFloat(text) > 0)
  expect(await page.locator('table.batches tbody').count()).toBeGreaterThan(0)

  const { origin } = new URL(start.url)
  expect(requested.length).toBeGreaterThan(10)
  expect(requested.filter((url) => new URL(url).origin !== origin)).toEqual([])
})
