// The rules between the parameters of a deployment: what cannot work together, by the parameter's name and what to do.

import { type Auth, authOf, auths, needsSecret } from './authentication.ts'
import type { Parameters } from './forms.ts'

const loopback = /^(localhost|127\.|\[::1\])/

/** What of the service the rules depend on. */
export interface Needs {
  /** A function of it writes to Kafka. */
  readonly producers: boolean
}

type Contradictions = Iterable<[keyof Parameters, string]>

/** The contradictions between parameters that are each right: the parameter's name, and what to do. */
export function* contradictions(given: Parameters, needs: Needs): Contradictions {
  const { kafka } = given
  const auth = authOf(given)
  if (!auths[kafka].includes(auth)) yield ['auth', `kafka=${kafka} takes ${auths[kafka].join(', ')}`]
  if (kafka !== 'local') yield* clusterContradictions(given, auth, needs)
  yield* mappingContradictions(given)
}

function* clusterContradictions(given: Parameters, auth: Auth, { producers }: Needs): Contradictions {
  const { kafka } = given
  if (needsSecret(auth) && given.credentials === null) yield ['credentials', `auth=${auth} needs the ARN of a secret`]
  if (kafka === 'msk' && given.clusterArn === null) yield ['clusterArn', 'kafka=msk needs the ARN of the cluster']
  // MSK developer guide, "Limitations when using SCRAM secrets".
  if (kafka === 'msk' && auth === 'scram-sha-512') {
    if (given.credentials?.includes(':secret:AmazonMSK_') === false) {
      yield ['credentials', 'the name of a secret for MSK begins with AmazonMSK_']
    }
    if (given.secretKey === null)
      yield ['secretKey', 'MSK takes secrets under a KMS key of your own only: name the key']
  }
  if (kafka === 'msk' && producers && given.subnetIds.length === 0) {
    yield ['subnetIds', 'the producer needs subnets that reach MSK']
  }
  if (given.subnetIds.length > 0 !== given.securityGroupIds.length > 0) {
    yield ['securityGroupIds', 'subnetIds and securityGroupIds go together']
  }
  if (kafka === 'self-managed' || kafka === 'none') {
    if (given.bootstrapServers.length === 0) yield ['bootstrapServers', `kafka=${kafka} needs host:port, …`]
  }
  if (kafka === 'self-managed') {
    if (given.bootstrapServers.some((server) => loopback.test(server))) {
      yield ['bootstrapServers', 'AWS cannot reach an address of this machine']
    }
    if (['tls', 'none'].includes(auth) && given.rootCertificate === null && given.subnetIds.length === 0) {
      yield ['subnetIds', `auth=${auth} needs a rootCertificate or a private network`]
    }
  }
}

/** They hold on a laptop too, where the mapping is ours. */
function* mappingContradictions(given: Parameters): Contradictions {
  const { minPollers, maxPollers } = given
  if ((minPollers === null) !== (maxPollers === null)) yield ['maxPollers', 'minPollers and maxPollers go together']
  if (minPollers !== null && maxPollers !== null && maxPollers < minPollers) {
    yield ['maxPollers', `less than minPollers (${minPollers})`]
  }
  if (minPollers === 0 && maxPollers !== 0) yield ['minPollers', '0 goes with maxPollers=0: no provisioned pollers']
  // Developer guide, "Kafka event source scaling modes": these are features of provisioned mode.
  for (const name of ['maxRetries', 'maxRecordAgeSeconds', 'partialBatches'] as const) {
    const isGiven = given[name] !== null && given[name] !== false
    if (isGiven && !minPollers) yield [name, 'needs provisioned pollers: set minPollers and maxPollers']
  }
}
