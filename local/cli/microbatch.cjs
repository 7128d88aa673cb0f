#!/usr/bin/env node
// The `microbatch` command, in words that an old Node understands: it says which Node is needed, or runs the rest. The rest
// is TypeScript in the repository, and JavaScript in the package.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 15)) {
  const isPackage = existsSync(join(__dirname, 'index.js'))
  // Node keeps what it has compiled of our files and of what they import, by their content, beside them.
  if (isPackage) require('node:module').enableCompileCache(join(__dirname, '../../../.cache/node'))
  import(isPackage ? './index.js' : './index.ts')
} else {
  console.error(
    `microbatch needs Node 22.15 or newer, and this is ${process.version}: install a newer one (https://nodejs.org).`,
  )
  process.exitCode = 1
}
