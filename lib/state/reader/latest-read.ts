// A read that many may want at the same time: none runs beside another, and whoever asks is given one that began after the question,
// so that no answer is older than what was there when it was asked for. Those who ask while one is under way share the next.

export class LatestRead<T> {
  readonly #run: () => Promise<T>
  #last: Promise<unknown> = Promise.resolve()
  #next: Promise<T> | null = null

  constructor(run: () => Promise<T>) {
    this.#run = run
  }

  read(): Promise<T> {
    if (this.#next !== null) return this.#next
    const next = this.#last.then(() => {
      this.#next = null
      return this.#run()
    })
    this.#next = next
    this.#last = next.catch(() => undefined)
    return next
  }
}
