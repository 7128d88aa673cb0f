/** What the readings of a batch add up to. */
export const total = (readings: readonly unknown[]): number =>
  readings.reduce<number>((sum, reading) => sum + Number(Reflect.get(Object(reading), 'used')), 0)
