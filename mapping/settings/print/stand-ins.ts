// What a `print` loads in vain: the clients of AWS's APIs, and plugins that bundle. Something empty stands in the place of each; where
// it is used after all, the process ends, and whoever started it prints in the usual way.

/** For the person who reads that a process ended with it: something was needed that was not loaded. */
const neededExitCode = 86

/** Packages that the framework asks when it deploys, or fills in a variable from an account. */
const clients = /^(@aws-sdk|@smithy)\/|^undici$/

/**
 * Plugins that leave the functions as they are until something is packaged or run: serverless-esbuild and the library that it is
 * written with are half of all that is loaded. A service that has what only their schemas know is refused, and then printed otherwise.
 */
const bundlers = /[\\/]node_modules[\\/]serverless-esbuild[\\/]/

/** @returns undefined for what is loaded as it is */
export function standInFor(request: string): object | undefined {
  if (bundlers.test(request)) return class EsbuildServerlessPlugin {}
  return clients.test(request) ? packageNamed(request) : undefined
}

/** Modules take the names out of it that they may use later. */
const packageNamed = (name: string): object =>
  new Proxy(
    {},
    {
      get: (_, key) => (typeof key === 'string' && key !== '__esModule' ? memberNamed(`${name}.${key}`) : undefined),
      has: () => needed(name),
      ownKeys: () => needed(name),
    },
  )

const memberNamed = (name: string): object =>
  new Proxy(class {}, {
    construct: () => needed(name),
    apply: () => needed(name),
    get: () => needed(name),
    has: () => needed(name),
    ownKeys: () => needed(name),
  })

function needed(name: string): never {
  process.stderr.write(`${name} was not loaded.\n`)
  process.exit(neededExitCode)
}
