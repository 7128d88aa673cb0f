// Whether node_modules is what package-lock.json says. Node's own modules only, and nothing newer than Node 18.
import fs from 'node:fs'
import path from 'node:path'

/**
 * npm writes what it installed to node_modules/.package-lock.json when it has finished. Installed means: every package of
 * package-lock.json is there in the same version, but for those that npm leaves out on this platform.
 */
export function isInstalled(root) {
  const there = packagesOf(path.join(root, 'node_modules', '.package-lock.json'))
  if (there === undefined) return false
  const wanted = packagesOf(path.join(root, 'package-lock.json'))
  if (wanted === undefined) throw new Error('package-lock.json is missing or is not JSON.')
  return Object.entries(wanted).every(([name, entry]) => {
    if (name === '') return true
    const found = there[name]
    if (found === undefined) return entry.optional === true || entry.devOptional === true
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages
  } catch {
    return undefined // missing, or cut off by an install that was stopped
  }
}
