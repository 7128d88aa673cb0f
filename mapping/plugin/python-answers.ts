// serverless-offline 14 takes a Python handler's None for no answer yet, and waits until the function's timeout: a consumer that
// returns nothing, as most do, would never be done with a batch. The one condition is mended as it is loaded, in this process
// only; a version in which it reads otherwise is left alone.

import * as nodeModule from 'node:module'

const runnerFile = /\/serverless-offline\/src\/lambda\/handler-runner\/python-runner\/PythonRunner\.js$/
const flawed = 'if (parsed) {'
/** A line that is no payload gives undefined; None gives null. */
const mended = 'if (parsed !== undefined) {'

let isRegistered = false

/** To be called before the first invocation; a second call does nothing. @example if (runsPython) takeNoneForAnAnswer() */
export function takeNoneForAnAnswer(): void {
  if (isRegistered) return
  isRegistered = true
  nodeModule.registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (!runnerFile.test(url) || loaded.source === undefined || loaded.source === null) return loaded
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
      return { ...loaded, source: source.replace(flawed, mended) }
    },
  })
}
