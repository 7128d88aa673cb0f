import { defineConfig } from 'vitest/config'

// What can be rehearsed of a deployment without AWS: `npm run test:artifact` and `npm run test:deploy`. They install tools into
// .local and take a minute or more, so `npm test` does not run them.
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

export default defineConfig({ test: { projects: [rehearsal('artifact'), rehearsal('deploy')] } })
