// A page as someone follows it: its fenced blocks, in their order. A block whose info string has a file's name is that file, `sh` is
// a command, `sh keeps-running` one in a terminal of its own, `text printed` what is seen then; a comment `Ctrl-C` ends the terminal.

export type Step =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'terminal'; readonly text: string }
  | { readonly kind: 'printed'; readonly lines: readonly string[] }
  | { readonly kind: 'interrupt' }

const block = /^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$|^<!-- (Ctrl-C) -->$/gm

/**
 * @throws Error for a block that is nothing of the kind
 * @example stepsOf('```sh\nnpm test\n```\n') // [{ kind: 'command', text: 'npm test\n' }]
 */
export const stepsOf = (markdown: string): readonly Step[] =>
  Array.from(markdown.matchAll(block), ([whole, language, word, text = '', interrupt]): Step => {
    if (interrupt !== undefined) return { kind: 'interrupt' }
    if (language === 'sh' && word === undefined) return { kind: 'command', text }
    if (language === 'sh' && word === 'keeps-running') return { kind: 'terminal', text }
    if (language === 'text' && word === 'printed') return { kind: 'printed', lines: text.trimEnd().split('\n') }
    if (word?.includes('.')) return { kind: 'file', name: word, text }
    throw new Error(`Whoever follows the page cannot know what to do with:\n${whole}`)
  })
