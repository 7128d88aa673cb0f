// The names of this project's functions, as serverless.yml makes them: `npm run` commands know functions by their keys.
import { functionNameOf } from 'serverless-offline-kafka-mapping/internal/settings/settings'

/** `service` of serverless.yml. */
const service = 'microbatch'

/**
 * The name of a function at serverless-offline's endpoint, and on AWS. One that is given whole stays as it is.
 * @example deployedName('bars') // 'microbatch-dev-bars'
 */
export function deployedName(key: string, stage = 'dev'): string {
  const isWhole = key.startsWith(functionNameOf({ service, stage }, '', undefined))
  return isWhole ? key : functionNameOf({ service, stage }, key, undefined)
}
