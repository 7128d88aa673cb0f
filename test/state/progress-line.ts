// How far a long proof has come, on standard error: on a terminal one line that is written over, elsewhere a line now and then.

export interface ProgressLine {
  readonly show: (done: number) => void
  /** Takes the line away. @returns how long it took, in words */
  readonly end: () => string
}

export function progressLine(name: string, what: string, total: number): ProgressLine {
  const { isTTY = false } = process.stderr
  const beganAtMs = performance.now()
  const everyMs = isTTY ? 200 : 15_000
  let shownAtMs = beganAtMs
  return {
    show(done) {
      const nowMs = performance.now()
      if (nowMs - shownAtMs < everyMs) return
      shownAtMs = nowMs
      const line = `${name}: ${done} of ${total} ${what}, ${((nowMs - beganAtMs) / 1000).toFixed(0)} s`
      process.stderr.write(isTTY ? `\r\u001b[K${line}` : `${line}\n`)
    },
    end() {
      if (isTTY) process.stderr.write('\r\u001b[K')
      return `${((performance.now() - beganAtMs) / 1000).toFixed(1)} s`
    },
  }
}
