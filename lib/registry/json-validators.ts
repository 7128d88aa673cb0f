// JSON Schemas as functions, by ajv: draft 7 and what is read as it, 2019-09, 2020-12. It is loaded when the first schema is needed.

import type { Ajv, AnySchema } from 'ajv'
import type { RegisteredSchema } from './schema-registry.ts'

/** @returns the place in the value and what is wrong there; undefined for a value that the schema takes */
type ProblemOf = (value: unknown) => string | undefined

export interface Validators {
  /** @throws Error for what is no JSON Schema, or names a schema that its references do not have */
  compile(schema: RegisteredSchema): ProblemOf
}

/** Formats are notes, as in Confluent's own deserializer; keywords that ajv does not know are taken for notes, too. */
const options = { strict: false, validateFormats: false, logger: false } as const

/** @throws where ajv is not installed */
export async function loadValidators(): Promise<Validators> {
  try {
    const [draft7, draft2019, draft2020] = await Promise.all([
      import('ajv'),
      import('ajv/dist/2019.js'),
      import('ajv/dist/2020.js'),
    ])
    const makers = [
      [/\b2020-12\b/, () => new draft2020.Ajv2020(options)],
      [/\b2019-09\b/, () => new draft2019.Ajv2019(options)],
      [/^/, () => new draft7.Ajv(options)],
    ] as const
    const validatorFor = (dialect: string): Ajv => {
      const [, make] = makers.find(([pattern]) => pattern.test(dialect)) ?? makers[2]
      return make()
    }
    return { compile: (schema) => compile(validatorFor, schema) }
  } catch (cause) {
    throw new Error('ajv is not installed: it holds values to their JSON Schema. npm install ajv', { cause })
  }
}

function compile(validatorFor: (dialect: string) => Ajv, { format, schema, references }: RegisteredSchema): ProblemOf {
  if (format !== 'JSON') throw new Error(`is a schema of ${format}, not of JSON`)
  const parsed: unknown = JSON.parse(schema)
  const { $schema: dialect = '' }: { readonly $schema?: unknown } = Object(parsed)
  const validator = validatorFor(String(dialect))
  for (const reference of references) validator.addSchema(withoutDialect(JSON.parse(reference.schema)), reference.name)
  const validate = validator.compile(withoutDialect(parsed))
  return (value) => {
    if (validate(value)) return undefined
    const [{ instancePath = '', message = 'it is not valid' } = {}] = validate.errors ?? []
    return `${instancePath === '' ? 'the value' : instancePath} ${message}`
  }
}

/** The validator was chosen by it; ajv would look for a meta schema of that name, which for drafts 4 and 6 it has not. */
function withoutDialect(schema: unknown): AnySchema {
  if (typeof schema !== 'object' || schema === null) return schema === true
  const { $schema: _, ...rest } = schema as Readonly<Record<string, unknown>>
  return rest
}
