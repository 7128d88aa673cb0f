// The pictures of the page in docs/pictures: a real start, some minutes of it, a fault and a bad record among them, taken in a Chromium in
// light, in dark and at a phone's width. `npm run docs:pictures` makes them anew.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { aStart } from '../test/page/a-start.ts'
import { launchChromium } from '../test/page/chromium.ts'

const folder = join(import.meta.dirname, '../docs/pictures')

/** The plots show five minutes. */
const minutes = 4

async function open(browser: Browser, url: string, options: Parameters<Browser['newContext']>[0]): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  await page.goto(`${url}#bars/stock-ticks`)
  await page.getByText('Live', { exact: true }).waitFor()
  return page
}

/** @param kind as the dialog names it */
async function inject(page: Page, kind: string): Promise<void> {
  await page.getByRole('button', { name: 'Inject a fault' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(kind).click()
  await dialog.getByRole('button', { name: 'Inject', exact: true }).click()
}

const start = await aStart()
const browser = await launchChromium()
try {
  mkdirSync(folder, { recursive: true })
  const wide = { viewport: { width: 1180, height: 1150 } }
  const page = await open(browser, start.url, wide)
  await delay((minutes * 60_000) / 2)
  await page.getByRole('button', { name: 'Pause' }).click()
  await delay(12_000)
  await page.getByRole('button', { name: 'Resume' }).click()
  await delay((minutes * 60_000) / 2 - 30_000)
  await start.send('{"symbol":"AAPL","price":"a lot"}\n')
  await delay(9_000)
  await inject(page, 'Lose the answer')
  await page.locator('table.batches tbody').filter({ hasText: 'ok' }).first().waitFor()
  await delay(9_000)
  for (const colorScheme of ['light', 'dark'] as const) {
    const shown = await open(browser, start.url, { ...wide, colorScheme })
    const twice = shown
      .locator('table.batches tbody')
      .filter({ has: shown.locator('td[data-label=Attempts]', { hasText: /^2$/ }) })
    await twice.first().getByRole('button').first().click()
    await shown.mouse.move(0, 0)
    await delay(1_000)
    await shown.screenshot({ path: join(folder, `page-${colorScheme}.png`) })
  }
  const phone = await open(browser, start.url, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 })
  await delay(1_000)
  await phone.screenshot({ path: join(folder, 'page-phone.png') })
} finally {
  await browser.close()
  await start.stop()
}
