// microbatch/infra, within the folder of the service, where the framework wants its plugins.

export { default } from '../../../infra/plugin.ts'
