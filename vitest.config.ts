import { defineConfig } from 'vitest/config'

// Two projects: `unit` needs nothing but this folder; `services` talks to a real Kafka and to real processes, which its
// global set-up starts on free ports and stops again.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/services/**', 'test/rehearsal/**'] } },
      {
        test: {
          name: 'services',
          include: ['test/services/**/*.test.ts'],
          globalSetup: ['test/services/broker.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
