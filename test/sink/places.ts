// Each sink over a place in memory, or a folder: what a client of AWS's is asked to write there, read back as rows with their ids.
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { fileSink, foreach, foreachBatch, memorySink, type Sink, string } from '../../lib/index.ts'
import { parquet } from '../../lib/sink/files/parquet.ts'
import { s3Sink } from '../../lib/sink/files/s3.ts'
import { eventBridgeSink } from '../../lib/sink/messages/event-bridge-sink.ts'
import { sqsSink } from '../../lib/sink/messages/sqs-sink.ts'
import { dynamoSink } from '../../lib/sink/tables/index.ts'

export interface ReadBack {
  readonly id: string
  readonly row: Readonly<Record<string, unknown>>
}

export interface PlaceInMemory {
  readonly sink: Sink<object>
  read(): Promise<readonly ReadBack[]>
}

export const places: Readonly<Record<string, () => PlaceInMemory>> = {
  sqsSink() {
    const found: ReadBack[] = []
    const client = clientOf(({ Entries }) => {
      for (const { MessageBody, MessageAttributes } of Entries) {
        found.push({ id: MessageAttributes.id.StringValue, row: JSON.parse(MessageBody) })
      }
      return {}
    })
    return { sink: sqsSink({ queueUrl: 'http://localhost/1/rows', client }), read: async () => found }
  },
  eventBridgeSink() {
    const found: ReadBack[] = []
    const client = clientOf(({ Entries }) => {
      for (const { Detail } of Entries) {
        const { metadata, data } = JSON.parse(Detail)
        found.push({ id: metadata.id, row: data })
      }
      return {}
    })
    return { sink: eventBridgeSink({ client }), read: async () => found }
  },
  dynamoSink() {
    const items = new Map<string, ReadBack>()
    const client = clientOf(({ Item: { rowId, ...item } }) => {
      const columns = Object.entries(item).map(([name, value]) => [name, Object.values(Object(value))[0]])
      items.set(rowId.S, { id: rowId.S, row: Object.fromEntries(columns) })
    })
    const sink = dynamoSink({ table: 'rows', key: ['rowId'], client })
    return { sink: withId(sink), read: async () => [...items.values()] }
  },
  s3Sink() {
    const { client, objects } = bucket()
    return { sink: s3Sink({ bucket: 'rows', client }), read: async () => [...objects.values()].flatMap(linesOf) }
  },
  's3Sink, parquet'() {
    const { client, objects } = bucket()
    return {
      sink: s3Sink({ bucket: 'rows', client, format: parquet() }),
      async read() {
        const files = Array.from(objects.values(), (bytes) =>
          parquetReadObjects({ file: new Uint8Array(bytes).buffer }),
        )
        return (await Promise.all(files)).flat().map(({ _id, ...row }) => ({ id: String(_id), row }))
      },
    }
  },
  fileSink() {
    const folder = mkdtempSync(join(tmpdir(), 'microbatch-place-'))
    const files = () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('json'))
    return {
      sink: fileSink({ folder }),
      read: async () => files().flatMap((path) => linesOf(readFileSync(join(folder, path)))),
    }
  },
  memorySink() {
    const sink = memorySink<object>()
    return { sink, read: async () => Array.from(sink.byId.values(), ({ id, row }) => ({ id, row: { ...row } })) }
  },
  foreachBatch() {
    const found: ReadBack[] = []
    const sink = foreachBatch<object>((_, { rows }) => {
      for (const { id, row } of rows) found.push({ id, row: { ...row } })
    })
    return { sink, read: async () => found }
  },
  foreach() {
    const found: ReadBack[] = []
    return { sink: foreach<object>((row, { id }) => void found.push({ id, row: { ...row } })), read: async () => found }
  },
}

/** @throws Error for a name that is none of `places` */
export function placeNamed(name: string): PlaceInMemory {
  const place = places[name]
  if (place === undefined) throw new Error(`there is no place ${name}`)
  return place()
}

/** Rows with their id as a column: those of dead letters have a column `id` of their own. */
const withId = (sink: Sink<object>): Sink<object> => ({
  ...sink,
  write: (batch, call) =>
    sink.write(
      {
        ...batch,
        columns: new Map([...batch.columns, ['rowId', string()]]),
        rows: batch.rows.map(({ row, ...emitted }) => ({ ...emitted, row: { ...row, rowId: emitted.id } })),
      },
      call,
    ),
})

function bucket() {
  const objects = new Map<string, Uint8Array>()
  const client = clientOf(({ Key, Body }) => void objects.set(Key, Body))
  return { client, objects }
}

interface Command {
  readonly Entries: readonly {
    readonly Id: string
    readonly MessageBody: string
    readonly MessageAttributes: { readonly id: { readonly StringValue: string } }
    readonly Detail: string
  }[]
  readonly Item: { readonly rowId: { readonly S: string } }
  readonly Key: string
  readonly Body: Uint8Array
}

/** A client of AWS's, as far as a sink uses it. */
export const clientOf = (take: (input: Command) => unknown) => ({
  async send(command: never): Promise<unknown> {
    return take(Reflect.get(command, 'input'))
  },
})

const linesOf = (bytes: Uint8Array): readonly ReadBack[] =>
  Buffer.from(bytes)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { _id, ...row } = JSON.parse(line)
      return { id: _id, row }
    })
