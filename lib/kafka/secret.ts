// Secrets of Secrets Manager in the forms that AWS's Kafka event source mapping takes, so that one secret serves the mapping
// and the producer (developer guide, "Configuring cluster authentication").

import * as z from 'zod/mini'
import { type AwsEnvironment, awsJsonRequest } from './aws-request.ts'

const text = z.string().check(z.minLength(1))

export const Password = z.object({ username: text, password: text })
export const ClientCertificate = z.object({ certificate: text, privateKey: text, privateKeyPassword: z.optional(text) })
export const RootCertificate = z.object({ certificate: text })

const Answer = z.object({ SecretString: text })

/**
 * @throws Error naming the secret, and which of its fields are missing; never what is in them
 * @example const { username, password } = await readSecret(arn, Password, process.env)
 */
export async function readSecret<T>(arn: string, form: z.ZodMiniType<T>, environment: AwsEnvironment): Promise<T> {
  const answer = await awsJsonRequest('secretsmanager', 'secretsmanager.GetSecretValue', { SecretId: arn }, environment)
  const result = form.safeParse(parse(Answer.parse(answer).SecretString))
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, code }) => `${path.join('.') || 'the whole'} (${code})`)
  throw new Error(`The secret ${arn} is not as Kafka's mapping takes it: ${problems.join(', ')}. See docs/deploy.md.`)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined // a secret that is not JSON: refused by its shape, since the error would quote it
  }
}
