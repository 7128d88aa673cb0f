// When two signals are one Ctrl-C.

/** A Ctrl-C can arrive twice, from the terminal and from npm: a second signal this soon is the same. */
export const sameSignalMs = 200
