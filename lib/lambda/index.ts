// What the wiring of a deployed function imports: `microbatch/lambda`. It needs @aws-sdk/client-dynamodb beside it.

export { fromEnvironment, type QueryPlace } from './from-environment.ts'
export { type ProducerPlace, producerFromEnvironment } from './producer-from-environment.ts'
export { registryFromEnvironment } from './registry-from-environment.ts'
export { type AskerPlace, stateFromEnvironment } from './state-from-environment.ts'
export { type Environment, readVariables } from './variables.ts'
