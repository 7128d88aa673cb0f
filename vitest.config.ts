import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of the services take up to a minute each, those of units a second: the short ones come last and fill what is left. */
class ServicesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isService = ({ project }: TestSpecification): boolean => project.name === 'services'
    return [...sorted.filter(isService), ...sorted.filter((file) => !isService(file))]
  }
}

// Three projects: `unit` needs nothing but this folder; `services` talks to a real Kafka and to real processes, which its
// global set-up starts on free ports and stops again; `peers` besides to programs of others, in Java and
// Python, that know nothing of this project: registries, serializers, queues.
const services = {
  globalSetup: ['test/services/broker.setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Real processes on a machine that may be shared: where nobody is there to start it again, a failure is tried once more.
  retry: process.env.CI === undefined ? 0 : 1,
}

export default defineConfig({
  test: {
    // Three files at a time, on two cores: files of the services wait more than they work, and share nothing but the broker.
    maxWorkers: 3,
    sequence: { sequencer: ServicesFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/services/**', 'test/rehearsal/**', 'test/page/**'],
          // Properties run hundreds of cases; on a machine that others use they take their time.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'services',
          include: ['test/services/**/*.test.ts'],
          exclude: ['**/*.peers.test.ts'],
          ...services,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['test/services/**/*.peers.test.ts'],
          ...services,
        },
      },
    ],
  },
})
