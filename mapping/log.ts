// The port through which a mapping is heard. serverless's own log is behind it when it runs as a plugin, stderr when it runs alone.

/** The third constructor argument of a serverless plugin, as far as it is used. */
export interface Log {
  notice(text: string): void
  warning(text: string): void
  error(text: string): void
  info(text: string): void
  debug(text: string): void
}
