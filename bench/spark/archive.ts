// Where the contestants that write files of Parquet write them: a folder, or a bucket of an S3 on this machine (moto, which both Spark's
// client of S3 and ours take for one); and what DuckDB finds in them.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { duckdb, startMoto } from '../../test/services/sinks/moto.ts'

/** A folder, or a bucket of an S3. */
export type Archive =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'bucket'; readonly bucket: string; readonly endpoint: string }

export interface Archives {
  readonly of: (contestant: string) => Archive
  /** Before a round: what the one before has written would be counted again. */
  readonly empty: (contestant: string) => Promise<void>
  /** Bars, ticks, and the sums of lows, highs and volumes over all bars, as DuckDB makes them of the ticks of the files. */
  readonly sums: (contestant: string, window: string) => Promise<BarSums>
  readonly close: () => Promise<void>
}

export type BarSums = readonly number[]

/**
 * @param folder a folder in it for each contestant
 * @param buckets the contestants that write to a bucket
 */
export async function openArchives(folder: string, buckets: readonly string[]): Promise<Archives> {
  const s3 = buckets.length === 0 ? undefined : await openS3(buckets)
  const of = (name: string): Archive =>
    s3 !== undefined && buckets.includes(name)
      ? { kind: 'bucket', bucket: bucketOf(name), endpoint: s3.endpoint }
      : { kind: 'folder', folder: join(folder, name) }
  return {
    of,
    async empty(name) {
      rmSync(join(folder, name), { recursive: true, force: true })
      const archive = of(name)
      if (archive.kind === 'bucket') await s3?.empty(archive.bucket)
    },
    async sums(name, window) {
      const archive = of(name)
      if (archive.kind === 'bucket') await s3?.download(archive.bucket, join(folder, name))
      return sumsOf(join(folder, name), window)
    },
    close: async () => s3?.close(),
  }
}

const bucketOf = (contestant: string): string => `by-${contestant}`

async function openS3(contestants: readonly string[]) {
  const { endpoint, stop } = await startMoto()
  const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' }
  const client = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
  for (const name of contestants) await client.send(new CreateBucketCommand({ Bucket: bucketOf(name) }))
  const keysOf = async (Bucket: string): Promise<readonly string[]> => {
    const keys: string[] = []
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
      keys.push(...Contents.flatMap(({ Key }) => Key ?? []))
    return keys
  }
  return {
    endpoint,
    async empty(Bucket: string) {
      for (const Key of await keysOf(Bucket)) await client.send(new DeleteObjectCommand({ Bucket, Key }))
    },
    /** Parquet, without what Spark notes beside it. */
    async download(Bucket: string, folder: string) {
      for (const Key of (await keysOf(Bucket)).filter((key) => key.endsWith('.parquet'))) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
        const file = join(folder, Key)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, (await Body?.transformToByteArray()) ?? new Uint8Array())
      }
    },
    async close() {
      client.destroy()
      await stop()
    },
  }
}

async function sumsOf(folder: string, window: string): Promise<BarSums> {
  if (!/^\d+ seconds?$/.test(window)) throw new Error(`--window ${window}: files are counted by windows of seconds`)
  if (!existsSync(folder) || readdirSync(folder).length === 0) throw new Error(`${folder} has no files`)
  const from = `read_parquet('${folder}/**/*.parquet')`
  const bars = `SELECT symbol, count(*) AS n, min(price) AS low, max(price) AS high, sum(volume) AS volume FROM ${from} GROUP BY symbol, time_bucket(INTERVAL ${window}, "timestamp"::TIMESTAMP)`
  const [sums] = await duckdb(
    `SELECT count(*), sum(n)::BIGINT, sum(low), sum(high), sum(volume)::BIGINT FROM (${bars})`,
  )
  return (sums ?? []).map(Number)
}
