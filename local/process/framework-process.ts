// How the Serverless Framework is run where it runs for long: the process in which the functions are, and what they read.

/**
 * What a batch is made of is dead soon after. V8 would let 100 MB of new objects come together, and four times what is alive: a
 * fraction of it is as fast, for each thread that has a function.
 */
const nodeOptions = ['--max-semi-space-size=16', '--heap-growing-percent=50']

/**
 * glibc gives each thread memory of its own, which it seldom returns; two such pools are enough for some threads.
 * A value that is set already stays; other allocators do not read it.
 */
const allocator = { MALLOC_ARENA_MAX: '2' }

/**
 * @param framework the path of `serverless.js`
 * @example startChild({ ...frameworkProcess(framework, ['offline'], process.env), stdio: 'pipe' })
 */
export const frameworkProcess = (framework: string, words: readonly string[], environment: NodeJS.ProcessEnv) => ({
  command: process.execPath,
  args: [...nodeOptions, framework, ...words],
  env: { ...allocator, ...environment },
})
