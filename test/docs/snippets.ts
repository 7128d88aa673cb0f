// The TypeScript of a page: fenced blocks `ts FILE`, which may import each other by their names as they do for a reader. A block
// `text printed` after one is what that file prints when it is run.

export interface Snippet {
  readonly file: string
  readonly source: string
  readonly printed: string | undefined
}

const block = /^```ts (\S+)\n([\s\S]*?)^```\n(?:\n```text printed\n([\s\S]*?)^```$)?/gm

/** @example snippetsOf('```ts a\nconsole.log(1)\n```\n')[0]?.file // 'a' */
export const snippetsOf = (markdown: string): readonly Snippet[] =>
  Array.from(markdown.matchAll(block), ([, file = '', source = '', printed]) => ({ file, source, printed }))

/** TypeScript whose block has no file's name: nothing would compile it. */
export const namelessIn = (markdown: string): readonly string[] =>
  Array.from(markdown.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```$/gm), ([, source = '']) => source)
