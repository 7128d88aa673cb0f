// What a failed function answers is its own business; of it only the two fields are looked for that AWS documents (Lambda
// developer guide, "Understanding retry behavior").

interface FunctionError {
  readonly errorType: string | undefined
  readonly errorMessage: string | undefined
}

/**
 * @returns undefined for an answer that is not JSON; fields that are no texts are undefined
 * @example errorFields('{"errorType":"TypeError","errorMessage":"boom"}')?.errorType // 'TypeError'
 */
export function errorFields(payload: string): FunctionError | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(payload)
  } catch {
    return undefined
  }
  const field = (name: string): string | undefined => {
    const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined
    return typeof value === 'string' ? value : undefined
  }
  return { errorType: field('errorType'), errorMessage: field('errorMessage') }
}
