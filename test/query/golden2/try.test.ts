import { test } from 'vitest'
import { differencesOf } from './differences.ts'
import { modesOf, readScenario } from './scenario.ts'
import { unfinished } from './unfinished.ts'

test('x', async () => {
  for (const line of unfinished) {
    const [name = '', m] = line.split(' ')
    if (/^(join|session|static|union)/.test(name)) continue
    const s = readScenario(name)
    for (const mode of modesOf(s)) {
      if (m !== undefined && m !== mode) continue
      try {
        const d = await differencesOf(s, mode)
        const cells: Record<string, unknown[]> = {}
        for (const x of d) (cells[x.what] ??= []).push(x.phase)
        console.log(name, mode, d.length === 0 ? 'OK' : JSON.stringify(cells) + JSON.stringify(d).slice(0, 900))
      } catch (e) {
        console.log(name, mode, 'THROWS', (e as Error).stack?.slice(0, 300))
      }
    }
  }
}, 60000)
