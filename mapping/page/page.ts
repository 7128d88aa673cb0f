// The page of the mappings of a start: what they do, live, in a browser on this machine, and buttons to disturb them. It looks at events
// and at what functions print; where it fails it says so once and is gone, and the mappings go on.

import { randomBytes } from 'node:crypto'
import { messageOf } from '../error.ts'
import { onMappingEvent } from '../events/channel.ts'
import { onPrinted } from '../events/function-output.ts'
import type { Log } from '../log.ts'
import type { MappingControls } from './server/actions.ts'
import { type PageServer, servePage } from './server/http-server.ts'
import type { ShownMapping } from './view/mapping-view.ts'
import { type PageView, pageView } from './view/page-view.ts'

export interface PageOptions {
  /** 0 for any that is free. */
  readonly port: number
  /** Left out, a new one, which is said with the address. */
  readonly token?: string | undefined
  /** The service and its stage, for the page's title. */
  readonly service: string
  readonly mappings: readonly (ShownMapping & { readonly controls: MappingControls })[]
  readonly log: Pick<Log, 'notice' | 'warning'>
}

export interface Page {
  /** With its token; undefined where the port could not be had. */
  readonly url: string | undefined
  readonly close: () => Promise<void>
}

/** @example const page = await openPage({ port: 3003, service: 'demo-dev', mappings, log }); page.url // 'http://127.0.0.1:3003/?token=…' */
export async function openPage({ port, token: given, service, mappings, log }: PageOptions): Promise<Page> {
  const token = given ?? newToken()
  const view = pageView(service, mappings, Date.now)
  const controls = new Map(view.mappings.map(({ id }, index) => [id, mappings[index]?.controls] as const))
  let server: PageServer | undefined
  let stopWatching: () => void = () => undefined
  let hasFailed = false
  const failed = (error: unknown): void => {
    if (hasFailed) return
    hasFailed = true
    log.warning(`the page ends, of an error of its own: ${messageOf(error)}; the mappings go on`)
    stopWatching()
    void server?.close()
    for (const { controls: own } of mappings) release(own)
  }
  try {
    server = await servePage({ port, token, view, failed, controls: new Map([...controls].flatMap(known)) })
  } catch (error) {
    log.warning(`the page cannot be shown at port ${port}: ${messageOf(error)}; the mappings run without it`)
    return { url: undefined, close: async () => undefined }
  }
  stopWatching = watch(view, failed)
  const url = `http://127.0.0.1:${server.port}/?token=${token}`
  if (given === undefined) log.notice(`page: ${url}`)
  return {
    url,
    close: async () => {
      stopWatching()
      await server?.close()
    },
  }
}

/** Nobody could take back any more what was done by the page. */
function release({ faults, resume }: MappingControls): void {
  for (const { id } of faults.armed()) faults.cancel(id)
  resume()
}

export const newToken = (): string => randomBytes(24).toString('base64url')

const known = <Value>([id, value]: readonly [string, Value | undefined]): readonly (readonly [string, Value])[] =>
  value === undefined ? [] : [[id, value]]

/** An error of a listener would end the process: the first one ends the page alone. */
function watch(view: PageView, failed: (error: unknown) => void): () => void {
  let isOver = false
  const guarded =
    <Given>(take: (given: Given) => void) =>
    (given: Given): void => {
      if (isOver) return
      try {
        take(given)
      } catch (error) {
        failed(error)
      }
    }
  const timer = setInterval(guarded(view.tick), 1_000)
  timer.unref()
  const subscriptions = [onMappingEvent(guarded(view.event)), onPrinted(guarded(view.printed))]
  function end(): void {
    isOver = true
    clearInterval(timer)
    // A channel is not to lose a listener while it publishes.
    queueMicrotask(() => {
      for (const unsubscribe of subscriptions) unsubscribe()
    })
  }
  return end
}
