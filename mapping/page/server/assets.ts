// The files of the page: what lies in `static`, and uPlot as its package has it. They are read once; nothing else can be asked for.

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Asset {
  readonly type: string
  readonly bytes: Buffer
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** @returns the files by their path: `/`, `/style/base.css`, `/vendor/uPlot.esm.js` … @throws the system's error where they are missing */
export function readAssets(): ReadonlyMap<string, Asset> {
  const folder = fileURLToPath(new URL('../static', import.meta.url))
  const own = readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
    const path = `/${file.replaceAll('\\', '/')}`
    return types[extname(file)] === undefined ? [] : [[path, join(folder, file)] as const]
  })
  const uPlot = dirname(createRequire(import.meta.url).resolve('uplot'))
  const vendor = ['uPlot.esm.js', 'uPlot.min.css'].map((file) => [`/vendor/${file}`, join(uPlot, file)] as const)
  return new Map(
    [...own, ...vendor].map(([path, file]) => [
      path === '/index.html' ? '/' : path,
      { type: types[extname(file)] ?? 'application/octet-stream', bytes: readFileSync(file) },
    ]),
  )
}
