// A framework plugin of one rule: what is set up for a laptop is not deployed. Without it, `sls deploy` without parameters would
// make mappings to localhost, and functions that hold paths of this machine.

interface Serverless {
  readonly service: { readonly custom?: { readonly stack?: { readonly isDeployable?: boolean } } }
  readonly classes: { readonly Error: new (message: string, code: string) => Error }
}

export default class DeployGuard {
  readonly hooks: Readonly<Record<string, () => void>>

  constructor(serverless: Serverless) {
    this.hooks = {
      'before:deploy:deploy': () => {
        if (serverless.service.custom?.stack?.isDeployable === true) return
        throw new serverless.classes.Error(
          'kafka=local is for this machine. Say which Kafka to deploy against: --param kafka=msk, msk-new or ' +
            'self-managed. docs/deploy.md has the commands.',
          'KAFKA_PARAMETER_MISSING',
        )
      },
    }
  }
}
