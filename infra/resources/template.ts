// The form of what this folder makes, parts of a CloudFormation template, and whether data outlive their stack.

import type { Intrinsic } from '../names.ts'

/** A resource of a template. */
export interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
  readonly DependsOn?: string
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
}

export interface Output {
  readonly Description: string
  readonly Value: Intrinsic
}

/** A part of a template, by logical ids. */
export interface TemplatePart {
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs?: Readonly<Record<string, Output>>
}

/** How data are kept: whether they outlive their stack, and the KMS key that they are under, where it is one of your own. */
export interface DataOptions {
  readonly keepData: boolean
  readonly dataKey: string | null
}

/** What a first deploy made before it failed is not kept: the next one would find it in its way. */
export const keptWith = (keepData: boolean) =>
  keepData
    ? { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
    : { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }
