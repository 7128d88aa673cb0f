// Time and chance as they are, for a mapping that runs; tests give their own.

/** @example new Mapping({ …, ...systemClocks }) */
export const systemClocks = { nowMs: () => performance.now(), epochMs: Date.now, random: Math.random } as const
