import { defineConfig } from 'vitest/config'

// The page in a real Chromium, before a real `microbatch start` (`npm run test:page`): it needs a browser, so `npm test` does not run it.
export default defineConfig({
  test: {
    name: 'page',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})
