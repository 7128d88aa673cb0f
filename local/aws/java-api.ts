// One of AWS's APIs on this machine, on the JVM that Kafka needs: started on loopback, its log beside those of the runs.
import { describeExit } from '../process/child.ts'
import { type JavaServer, startJavaServer, stopJavaServer } from '../process/java-server.ts'

export interface AwsApi {
  readonly url: string
  /** Resolves with the reason when it ends. */
  readonly ended: Promise<string>
  stop(): Promise<void>
  kill(): Promise<void>
}

export interface ApiOptions {
  readonly port: number
  /** What it keeps, for a next start to go on from. */
  readonly dataDir: string
  readonly logFile: string
  /** Kafka's jars: what is fetched lies beside them. */
  readonly libsDir: string
  readonly log: (line: string) => void
  readonly signal?: AbortSignal
}

/** Java's words are those after its memory. */
export interface JavaApi extends Omit<JavaServer, 'isReady'>, Pick<ApiOptions, 'port'> {}

/** @throws LocalError CHILD_FAILED with the end of its log; the signal's reason */
export async function startJavaApi({ port, args, ...server }: JavaApi): Promise<AwsApi> {
  const url = `http://127.0.0.1:${port}`
  const child = await startJavaServer({ ...server, args: ['-Xmx128m', ...args], isReady: () => answers(url) })
  return {
    url,
    ended: child.exited.then(describeExit),
    stop: () => stopJavaServer(child),
    async kill() {
      await child.kill()
    },
  }
}

/** Whatever it answers to a request without a command. */
const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  )
