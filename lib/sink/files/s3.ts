// `microbatch/sinks/s3`: the rows of each batch as objects of a bucket. It needs @aws-sdk/client-s3 beside it. An object has the same
// name whenever a batch comes again with the same rows, so that a repeat changes nothing.

import type { S3Client } from '@aws-sdk/client-s3'
import { MicrobatchError, namedMessageOf } from '../../error.ts'
import { inParallel } from '../../state/parallel.ts'
import { awsPlace, type ClientOrEnvironment } from '../aws-place.ts'
import { OversizedRows } from '../oversized.ts'
import type { Sink, SinkCall } from '../sink.ts'
import { inTime, patiently, throttleWaitMs } from '../sink-time.ts'
import { batchFiles } from './batch-files.ts'
import { ndjson } from './file-format.ts'
import { type FileSinkOptions, fileSink } from './file-sink.ts'

export type { SinkEnvironment } from '../aws-place.ts'

export type S3SinkOptions = Omit<FileSinkOptions, 'folder' | 'isLasting'> &
  ClientOrEnvironment<BucketClient> & {
    readonly bucket: string
    /** Before `QUERY/`; with a slash at its end. @default none */
    readonly prefix?: string
    /** Objects that are on their way at a time. @default 8 */
    readonly parallelism?: number
  }

/** The part of an `S3Client` that is used. The SDK is an optional peer, so its own types are no part of this package's. */
export interface BucketClient {
  send(command: never): Promise<unknown>
}

/** The name of an object, in UTF-8 (user guide, "Naming Amazon S3 objects"). */
const maxKeyBytes = 1024
const maxAttempts = 5
const requestTimeoutMs = 30_000
const connectionTimeoutMs = 1000

/**
 * Puts the rows of each batch under `PREFIX QUERY/`, an object for each folder of `partitionBy`, in append and in update mode. On a
 * laptop it puts them to the S3 of AWS_ENDPOINT_URL_S3, or without one into the folder `.local/s3/BUCKET`.
 *
 * @throws MicrobatchError SINK_FAILED from `write`, with what S3 said
 * @example
 * const { BUCKET = 'ticks' } = process.env
 * ticks.writeStream({ sinks: [s3Sink({ bucket: BUCKET, format: parquet(), partitionBy: ['day'], environment: process.env })] })
 */
export function s3Sink(options: S3SinkOptions): Sink<object> {
  const { bucket, prefix = '', format = ndjson(), partitionBy = [], parallelism = 8 } = options
  const { idColumn = '_id', versionColumn = '_version', oversized = 'deadLetter', client: given } = options
  const place = options.environment === undefined ? null : awsPlace('S3', options.environment)
  if (place?.kind === 'nowhere') {
    const { environment, client, ...files } = options
    return fileSink({ ...files, folder: `.local/s3/${bucket}/${prefix}` })
  }
  let opened: Promise<Bucket> | undefined
  const open = (): Promise<Bucket> => {
    opened ??= openBucket(bucket, given, place?.kind === 'endpoint' ? place.configuration : {})
    return opened
  }
  return {
    description: format.name,
    outputModes: ['append', 'update'],
    async open() {
      await open()
    },
    async write(batch, call) {
      const files = batchFiles(batch, { format, partitionBy, idColumn, versionColumn })
      const place = new OversizedRows({ query: batch.query, place: 'a key of S3', policy: oversized, call })
      const fitting = await place.without(files, ({ path, rows }) => ({
        rows,
        bytes: Buffer.byteLength(prefix + path),
        maxBytes: maxKeyBytes,
      }))
      const put = await open()
      await inParallel(fitting, parallelism, async ({ path, columns, rows }) =>
        put(`${prefix}${path}`, await format.encode(columns, rows), { contentType: format.contentType, call }),
      )
    },
  }
}

type Bucket = (
  key: string,
  bytes: Uint8Array,
  how: { readonly contentType: string; readonly call: SinkCall | undefined },
) => Promise<void>

async function openBucket(bucket: string, given: BucketClient | undefined, configuration: object): Promise<Bucket> {
  const { PutObjectCommand, S3Client } = await import('./s3-api.ts')
  const requestHandler = {
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    connectionTimeout: connectionTimeoutMs,
  }
  const client =
    given === undefined
      ? // Emulators have no host for each bucket.
        new S3Client({ ...configuration, requestHandler, maxAttempts, forcePathStyle: 'endpoint' in configuration })
      : (given as S3Client)
  return async (key, bytes, { contentType, call }) => {
    const put = { Bucket: bucket, Key: key, Body: bytes, ContentType: contentType }
    try {
      await patiently(call, throttleWaitMs, () => client.send(new PutObjectCommand(put), inTime(call)))
    } catch (cause) {
      const problem = `the bucket ${bucket} did not take ${key}. ${namedMessageOf(cause)}`
      throw new MicrobatchError('SINK_FAILED', problem, { cause })
    }
  }
}
