// What a tick is, for both sides: the producer writes it, the consumers decode and print it by this one schema.

import { double, type Infer, long, string, struct, timestamp } from 'microbatch'

export const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })

export type Tick = Infer<typeof Tick>
