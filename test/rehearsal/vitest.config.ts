import { defineConfig } from 'vitest/config'

// What can be rehearsed without AWS: a deployment (`npm run test:artifact`, `npm run test:deploy`), and a team that installs the tarballs
// (`npm run test:stranger`). They install tools or packages and take a minute or more each, so `npm test` does not run them.
const rehearsal = (name: string) => ({
  test: {
    name,
    root: import.meta.dirname,
    include: [`${name}/**/*.test.ts`],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})

export default defineConfig({ test: { projects: [rehearsal('artifact'), rehearsal('deploy'), rehearsal('stranger')] } })
