// A Chromium of this machine, driven by playwright-core: none is downloaded.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** @throws Error that says what to install, or to name, where there is none */
export function launchChromium(): Promise<Browser> {
  const { CHROMIUM, PATH = '' } = process.env
  const found = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  const executablePath = [CHROMIUM ?? '', ...found, ...elsewhere].find((path) => path !== '' && existsSync(path))
  if (executablePath === undefined)
    throw new Error(
      `No Chromium is here (${names.join(', ')}). Install one (Debian: apt-get install chromium), or name it: CHROMIUM=PATH.`,
    )
  // Its sandbox does not work for root, whom containers have.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
