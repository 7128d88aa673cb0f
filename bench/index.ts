// npm run bench: every table, one after the other.

import { benchDecode } from './decode.ts'
import { benchFilter } from './filter.ts'
import { benchState, benchStateCalls } from './state.ts'

console.log(`Node ${process.version}. The machine may be shared: compare figures of one run only.`)
await benchDecode()
await benchFilter()
await benchState()
await benchStateCalls()
