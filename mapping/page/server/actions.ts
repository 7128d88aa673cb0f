// What the page's buttons do: a mapping is paused and resumed, a fault is armed, a recorded batch goes to its function again. Each answers
// with a status and a sentence.

import { z } from 'zod'
import { type Faults, type InvocationFault, invocationFaults } from '../../dispatch/faults.ts'
import type { InvokeOutcome, InvokePayload } from '../../invoke/invoker.ts'
import { issuesText } from '../../settings/issues-text.ts'
import type { PageView } from '../view/page-view.ts'

/** What may be done to a running mapping. */
export interface MappingControls {
  readonly pause: () => void
  readonly resume: () => void
  /** Leaves the group and joins it again. */
  readonly rejoin: () => void
  readonly faults: Faults
  /** Invokes the function beside the mapping: no offset moves. Undefined where the function has no room for one more. */
  readonly replay: (payload: InvokePayload) => Promise<InvokeOutcome> | undefined
}

export interface Answer {
  readonly status: number
  readonly message: string
  /** For a replay: what the function answered, as far as it is shown. */
  readonly answer?: string
}

const kinds = Object.keys(invocationFaults) as InvocationFault[]
const faultBody = z.strictObject({
  kind: z.enum([...kinds, 'rebalance']),
  nth: z.int().min(1).max(10_000).default(1),
  times: z.int().min(1).max(10_000).default(1),
  delayMs: z.int().min(0).max(900_000).default(0),
})

const maxAnswerLength = 4_000

/**
 * @param controls by the mapping's id
 * @param path `/mappings/0/pause`, `/batches/7/replay` …
 * @param body JSON; what the path needs
 * @example await act(view, controls, '/mappings/0/faults', '{"kind":"throw"}')
 */
export async function act(
  view: Pick<PageView, 'payload'>,
  controls: ReadonlyMap<string, MappingControls>,
  path: string,
  body: string,
): Promise<Answer> {
  const [, what, id = '', verb, sub] = path.split('/')
  if (what === 'batches' && verb === 'replay') return replay(view, controls, Number(id))
  const mapping = controls.get(id)
  if (what !== 'mappings' || mapping === undefined) return { status: 404, message: 'There is no such mapping.' }
  switch (verb) {
    case 'pause':
      mapping.pause()
      return { status: 200, message: 'Paused: the invocations in flight go on to their end.' }
    case 'resume':
      mapping.resume()
      return { status: 200, message: 'Resumed.' }
    case 'faults':
      return sub === undefined ? arm(mapping, body) : cancel(mapping, Number(sub))
    default:
      return { status: 404, message: 'There is no such action.' }
  }
}

function arm({ faults, rejoin }: MappingControls, body: string): Answer {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return { status: 400, message: 'The body is not JSON.' }
  }
  const parsed = faultBody.safeParse(json)
  if (!parsed.success) return { status: 400, message: issuesText(parsed.error) }
  const { kind, ...counts } = parsed.data
  if (kind === 'rebalance') {
    rejoin()
    return { status: 200, message: 'The mapping leaves its group and joins it again.' }
  }
  if (faults.armed().length >= 20) return { status: 409, message: 'There are 20 faults armed already: cancel some.' }
  faults.arm({ kind, ...counts })
  return { status: 200, message: 'Armed.' }
}

function cancel({ faults }: MappingControls, id: number): Answer {
  faults.cancel(id)
  return { status: 200, message: 'Cancelled.' }
}

async function replay(
  view: Pick<PageView, 'payload'>,
  controls: ReadonlyMap<string, MappingControls>,
  batch: number,
): Promise<Answer> {
  const kept = view.payload(batch)
  if (kept === undefined) return { status: 404, message: 'The payload of this batch is no longer kept.' }
  const { bytes, recordCount, mapping } = kept
  const payload: InvokePayload = {
    ...{ bytes, recordCount },
    get event() {
      return JSON.parse(bytes.toString('utf8'))
    },
  }
  const invoking = controls.get(mapping.id)?.replay(payload)
  if (invoking === undefined) return { status: 409, message: 'The function is busy: try again in a moment.' }
  const outcome = await invoking
  if (outcome.kind === 'success')
    return {
      status: 200,
      message: 'The function took it. No offset moved.',
      answer: outcome.payload.slice(0, maxAnswerLength),
    }
  const reason = outcome.kind === 'functionError' ? `${outcome.errorType}: ${outcome.message}` : outcome.message
  return { status: 200, message: `It failed (${outcome.kind}): ${reason}`.slice(0, 2_000) }
}
