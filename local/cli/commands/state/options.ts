// The options that actions on kept state share.
import { sharedOptions } from '../../options.ts'

const { dir, 'allow-remote': allowRemote } = sharedOptions

export const placeOptions = {
  table: { type: 'string', value: 'NAME', help: 'the table (the one of the service that can hold state)' },
  endpoint: {
    type: 'string',
    value: 'URL',
    help: 'the DynamoDB API (that of start, or its data where none runs); AWS gets your own credentials',
  },
  stage: { type: 'string', value: 'STAGE', help: 'the stage whose table it is (dev)' },
  dir,
  'allow-remote': allowRemote,
} as const

export const applyOptions = {
  apply: { type: 'boolean', default: false, help: 'does it; without it, it only says what it would do' },
  stopped: {
    type: 'boolean',
    default: false,
    help: 'says that the consumer has been stopped, though a batch came in the last minute',
  },
} as const
