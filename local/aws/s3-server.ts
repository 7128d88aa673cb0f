// An S3 on this machine: S3Proxy over a folder, in which each bucket is a folder and each object a file, so that DuckDB and everybody's
// tools read them as files, too. It is that folder which s3Sink takes itself where no S3 runs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { fetchOnce } from '../process/maven.ts'
import { type ApiOptions, type AwsApi, startJavaApi } from './java-api.ts'

const version = '2.6.0'
const megabytes = 42

/** Where its jar is, once it has been fetched. */
export const s3Jar = (libsDir: string): string =>
  join(libsDir, `../s3proxy-${version}/s3proxy-${version}-jar-with-dependencies.jar`)

/**
 * Starts it, fetched if it is not there yet, and makes the buckets that are missing.
 * @throws LocalError CHILD_FAILED with the end of its log, or Maven's words; the signal's reason
 * @example const s3 = await startS3({ port: 9090, dataDir: '.local/s3', logFile: '.local/log/s3.log', libsDir, log: console.error }, ['archive'])
 */
export async function startS3(options: ApiOptions, buckets: readonly string[]): Promise<AwsApi> {
  const { port, dataDir, logFile, libsDir, log, signal } = options
  const jar = s3Jar(libsDir)
  await fetchOnce({
    ...{ target: dirname(jar), lockFile: `${dirname(jar)}.lock`, what: 'S3Proxy', code: 'CHILD_FAILED', log, signal },
    size: `${megabytes} MB, once, some seconds`,
    args: [
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy',
      `-Dartifact=org.gaul:s3proxy:${version}:jar:jar-with-dependencies`,
    ],
  })
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const properties = `${logFile}.properties`
  mkdirSync(dirname(properties), { recursive: true, mode: 0o700 })
  writeFileSync(properties, propertiesOf(port, dataDir), { mode: 0o600 })
  const api = await startJavaApi({
    ...{ what: 'S3Proxy', port, logFile, signal },
    args: [
      '-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener',
      ...['-jar', jar, '--properties', properties],
    ],
    env: { LOG_LEVEL: 'warn' },
  })
  try {
    for (const bucket of buckets) await makeBucket(api.url, bucket)
    return api
  } catch (error) {
    await api.kill()
    throw error
  }
}

function propertiesOf(port: number, dataDir: string): string {
  const properties = {
    's3proxy.endpoint': `http://127.0.0.1:${port}`,
    's3proxy.authorization': 'none',
    // The checksums that AWS's clients send beside an object are among those that it does not know.
    's3proxy.ignore-unknown-headers': 'true',
    'jclouds.provider': 'filesystem-nio2',
    'jclouds.filesystem.basedir': resolve(dataDir),
    'jclouds.identity': 'laptop',
    'jclouds.credential': 'laptop',
  }
  // In a file of properties a backslash stands before a character.
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
  return lines.join('')
}

/** API CreateBucket; 409 is a bucket that is there. */
async function makeBucket(url: string, bucket: string): Promise<void> {
  const { status } = await fetch(`${url}/${bucket}`, { method: 'PUT' })
  if (status !== 200 && status !== 409)
    throw new LocalError('CHILD_FAILED', `The bucket ${bucket} could not be made at ${url}: it answered ${status}.`)
}
