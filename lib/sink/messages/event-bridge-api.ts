// What the bus's sink needs of AWS's EventBridge client, and no more: loaded at the first write, and by name, so that a bundler leaves
// out the other commands.

export { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
