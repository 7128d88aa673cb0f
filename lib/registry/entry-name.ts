// protoc's name for the message of a map field's entries.

/** @example entryName('unit_prices') // 'UnitPricesEntry' */
export const entryName = (field: string): string =>
  `${field.replace(/(?:^|_)([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('_', '')}Entry`
