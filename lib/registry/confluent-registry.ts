// A registry with Confluent's REST API: Confluent's own, Apicurio Registry (/apis/ccompat/v7), Karapace, Redpanda, by Node's fetch. What a
// schema names is fetched with it; one is registered only where a sink is told to.

import { type AllowedHosts, stayHere } from '../hosts.ts'
import type {
  GivenSchema,
  RegisteredSchema,
  SchemaFormat,
  SchemaReference,
  SubjectRegistry,
} from './schema-registry.ts'

export interface ConfluentRegistryOptions {
  /** `http://localhost:8081`, or with a path before `/schemas`. Credentials may stand in it. */
  readonly url: string
  /** Basic authentication, such as an API key of Confluent Cloud. A function is asked before the first request, and after a refusal. */
  readonly credentials?: BasicCredentials | (() => Promise<BasicCredentials>)
  /** Milliseconds that one request may take. @default 5000 */
  readonly timeoutMs?: number
  /** On a laptop: only these and this machine are asked; left out, any host. */
  readonly allowedHosts?: AllowedHosts
}

export interface BasicCredentials {
  readonly username: string
  readonly password: string
}

/** A chain of references that is longer than this one is a circle. */
const maxReferences = 1000

/**
 * @throws MicrobatchError CONFIG_INVALID for a host that is not allowed; TypeError for a URL that is none
 * @example avro(Trade, { registry: confluentRegistry({ url: 'http://localhost:8081' }) })
 */
export function confluentRegistry({
  url,
  credentials,
  timeoutMs = 5000,
  allowedHosts,
}: ConfluentRegistryOptions): SubjectRegistry {
  const base = new URL(url)
  const given = base.username === '' ? undefined : userIn(base)
  base.username = ''
  base.password = ''
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  const description = base.href.replace(/\/$/, '')
  if (allowedHosts !== undefined) stayHere(base.hostname, `the schema registry ${description}`, allowedHosts)
  let authorization: Promise<string | undefined> | undefined

  /** Kept until it is refused: a secret is rotated while a container lives. */
  function header(): Promise<string | undefined> {
    authorization ??= headerOf(credentials ?? given)
    authorization.catch(forget)
    return authorization
  }

  const forget = (): void => {
    authorization = undefined
  }

  const get = (path: string): Promise<Body | null> => ask(path)

  /** @returns null where the registry says that there is no such thing */
  async function ask(path: string, given?: GivenSchema): Promise<Body | null> {
    const authorized = await header()
    const address = new URL(path, base)
    const response = await fetch(address, {
      ...(given === undefined ? {} : { method: 'POST', body: bodyOf(given) }),
      headers: {
        ...(given === undefined ? {} : { 'content-type': 'application/vnd.schemaregistry.v1+json' }),
        accept: 'application/vnd.schemaregistry.v1+json, application/json',
        ...(authorized === undefined ? {} : { authorization: authorized }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    if (given === undefined ? isUnknown(response.status) : response.status === 404) return null
    if (response.status === 401) forget()
    if (given !== undefined && (response.status === 409 || response.status === 422))
      throw refusalOf(response.status, text)
    if (!response.ok) throw new Error(`${address.href} answered ${response.status}: ${text.slice(0, 300)}`)
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null) throw new Error(`${address.href} answered ${text.slice(0, 300)}`)
    return { ...body }
  }

  /** Depth first, each once: what is named comes before what names it. */
  async function referencesOf(body: Body): Promise<SchemaReference[]> {
    const found = new Map<string, SchemaReference>()
    let asked = 0
    const visit = async (list: unknown): Promise<void> => {
      for (const { name, subject, version } of referenceList(list)) {
        if (found.has(name)) continue
        asked += 1
        if (asked > maxReferences) throw new Error(`${description}: the references of a schema have no end`)
        const referenced = await get(`subjects/${encodeURIComponent(subject)}/versions/${version}`)
        if (referenced === null) throw new Error(`${description} has no version ${version} of ${subject}`)
        await visit(referenced.references)
        found.set(name, { name, schema: textIn(referenced.schema, description) })
      }
    }
    await visit(body.references)
    return Array.from(found.values())
  }

  async function schemaIn(body: Body): Promise<RegisteredSchema> {
    const format = formatOf(body.schemaType)
    return { format, schema: textIn(body.schema, description), references: await referencesOf(body) }
  }

  const subjectPath = (subject: string): string => `subjects/${encodeURIComponent(subject)}`

  return {
    framing: 'confluent',
    description,
    async schema(id) {
      const body = await get(`schemas/ids/${encodeURIComponent(id)}`)
      return body === null ? null : schemaIn(body)
    },
    async latest(subject) {
      const body = await get(`${subjectPath(subject)}/versions/latest`)
      return body === null ? null : { id: idIn(body, description), schema: await schemaIn(body) }
    },
    async find(subject, given) {
      const body = await ask(subjectPath(subject), given)
      return body === null ? null : idIn(body, description)
    },
    async register(subject, given) {
      const body = await ask(`${subjectPath(subject)}/versions`, given)
      if (body === null) throw new Error(`${description} has no place for the subject ${subject}`)
      return idIn(body, description)
    },
  }
}

type Body = Readonly<Record<string, unknown>>

/** Avro is what a registry takes where none is named. */
const bodyOf = ({ format, schema }: GivenSchema): string =>
  JSON.stringify(format === 'AVRO' ? { schema } : { schema, schemaType: format })

/** 409 and 422 of `POST /subjects/…/versions`. */
function refusalOf(status: number, text: string): Error {
  const why = status === 409 ? 'it is not compatible with the versions before it' : 'it finds it invalid'
  return new Error(`the registry refuses the schema: ${why}. It says: ${text.slice(0, 600)}`)
}

function idIn({ id }: Body, description: string): string {
  if (typeof id === 'number') return String(id)
  throw new Error(`${description} answered without an id`)
}

/** What says that there is no such thing; an id comes out of a record, so one that the registry finds malformed is none, too. */
const isUnknown = (status: number): boolean => [400, 404, 410, 422].includes(status)

const userIn = ({ username, password }: URL): BasicCredentials => ({
  username: decodeURIComponent(username),
  password: decodeURIComponent(password),
})

async function headerOf(credentials: ConfluentRegistryOptions['credentials']): Promise<string | undefined> {
  if (credentials === undefined) return undefined
  const { username, password } = typeof credentials === 'function' ? await credentials() : credentials
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** Avro is what a registry does not name. */
function formatOf(schemaType: unknown): SchemaFormat {
  if (schemaType === undefined || schemaType === null || schemaType === 'AVRO') return 'AVRO'
  if (schemaType === 'PROTOBUF' || schemaType === 'JSON') return schemaType
  throw new Error(`the registry has a schema of type ${String(schemaType)}; known are AVRO, PROTOBUF and JSON`)
}

function textIn(schema: unknown, description: string): string {
  if (typeof schema === 'string') return schema
  throw new Error(`${description} answered without a schema`)
}

function* referenceList(list: unknown): Generator<{ name: string; subject: string; version: number }> {
  if (!Array.isArray(list)) return
  for (const entry of list) {
    const { name, subject, version } = Object(entry)
    if (typeof name === 'string' && typeof subject === 'string') yield { name, subject, version: Number(version) }
  }
}
