// The addresses at which serverless-offline answers for the service's functions: those of their events `httpApi`. Pure.

import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'

/**
 * @param definition as the framework prints it
 * @example httpRoutes(definition, 3000) // ['GET http://localhost:3000/bars/{symbol}']
 */
export const httpRoutes = ({ functions }: Pick<PrintedService, 'functions'>, port: number): readonly string[] =>
  Object.values(functions).flatMap(({ events }) =>
    (Array.isArray(events) ? events : []).flatMap((event: unknown) => {
      const route = routeOf(event)
      return route === null ? [] : [`${route.method} http://localhost:${port}${route.path}`]
    }),
  )

interface Route {
  readonly method: string
  readonly path: string
}

/** `httpApi: GET /bars`, or with its parts by name; null for any other event, and for the one that takes all that is left. */
function routeOf(event: unknown): Route | null {
  const given: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'httpApi') : undefined
  if (typeof given === 'string') {
    const [, method, path] = /^(\S+)\s+(\/\S*)$/.exec(given) ?? []
    return method === undefined || path === undefined ? null : { method: method.toUpperCase(), path }
  }
  if (typeof given !== 'object' || given === null) return null
  const { method, path } = given as { readonly method?: unknown; readonly path?: unknown }
  return typeof method === 'string' && typeof path === 'string' ? { method: method.toUpperCase(), path } : null
}
