// What a command says of its work, beside its output: on stderr, whatever a name from elsewhere has in it.
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'

export const say = (line: string): void => void process.stderr.write(`${printable(line, 10_000)}\n`)
