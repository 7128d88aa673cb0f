// When two signals are one press of Ctrl-C.

/** One press can arrive twice, from the terminal and passed on by npm: a second one this soon is the same. */
export const samePressMs = 200
