// `microbatch init`: the smallest service that starts, in a folder.
import { relative, resolve } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { publishedVersions, scaffold, tarballVersions } from '../init/scaffold.ts'
import { jsonText } from '../json-text.ts'
import { helpText, sharedOptions } from '../options.ts'
import { packageVersion } from '../package-version.ts'

const options = {
  packages: {
    type: 'string',
    value: 'FOLDER',
    help: 'takes our packages from the tarballs in FOLDER, in place of the registry',
  },
  json: { ...sharedOptions.json, help: 'what was written, as { folder, files }' },
} as const

export const initCommand: Command = {
  name: 'init',
  summary: 'makes the smallest service: a query as a handler, serverless.yml, a test',
  help: helpText({
    usage: 'init [FOLDER] [options]',
    words: [['FOLDER', 'where, and its name is the name of the service (the working directory)']],
    options,
    notes: 'Nothing that is there is overwritten. After it: npm install && npx microbatch start',
  }),
  async run(words) {
    // The folder may be left out, which the parser does not know.
    const isNamed = words[0] !== undefined && !words[0].startsWith('-')
    const { values, words: given } = parseWords('init', isNamed ? ['FOLDER'] : [], options, words)
    const folder = resolve(given[0] ?? '.')
    const { packages } = values
    const versions = packages === undefined ? publishedVersions(packageVersion()) : tarballVersions(packages)
    const files = scaffold(folder, versions)
    if (values.json) {
      console.log(jsonText({ folder, files }))
      return 0
    }
    const place = relative(process.cwd(), folder)
    const enter = place === '' ? '' : `cd ${place} && `
    console.log(`Wrote ${files.join(', ')}${place === '' ? '' : ` in ${place}`}. Next:

  ${enter}npm install && npx microbatch start`)
    return 0
  },
}
