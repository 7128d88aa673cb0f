// The end of a source, for everything in it that waits: kafkajs's attempts to connect cannot be called off, so they are left behind.

import { setTimeout as delay } from 'node:timers/promises'

/** @example const closing = new Closing(); await closing.or(admin.connect()); closing.begin() */
export class Closing {
  readonly #controller = new AbortController()
  /** Resolves when it begins. */
  readonly begun: Promise<void> = new Promise((resolve) =>
    this.#controller.signal.addEventListener('abort', () => resolve(), { once: true }),
  )

  get hasBegun(): boolean {
    return this.#controller.signal.aborted
  }

  begin(): void {
    this.#controller.abort()
  }

  /** The work's result; rejects where the source closes first. */
  or<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.begun.then(() => Promise.reject(new Error('closed')))])
  }

  /** Resolves after so long, or when it begins. */
  async sleep(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#controller.signal }).catch(() => undefined)
  }
}
