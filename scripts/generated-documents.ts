import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import { Settings } from '../src/config-schema.ts'
import { describeApi } from '../src/http/describe-api.ts'

const ROOT = resolve(import.meta.dirname, '..')
const TABLE = { begin: '<!-- settings:begin -->', end: '<!-- settings:end -->' }

/** The documents that are made from the sources, by their path: what `npm run documents` writes and a test compares. */
export async function generatedDocuments(): Promise<ReadonlyMap<string, string>> {
  const readme = resolve(ROOT, 'README.md')
  return new Map([
    [resolve(ROOT, 'openapi.yaml'), stringify(await describeApi(), { aliasDuplicateObjects: false })],
    [readme, replaceBetween(await readFile(readme, 'utf8'), settingsTable())],
  ])
}

function settingsTable(): string {
  const rows = Object.entries(Settings.properties).map(([name, schema]) => {
    const { default: value, description } = schema as { default?: unknown; description?: string }
    return `| \`${name}\` | ${value === '' ? '' : `\`${String(value)}\``} | ${description ?? ''} |`
  })
  return ['| name | default | what it is |', '|---|---|---|', ...rows].join('\n')
}

function replaceBetween(text: string, table: string): string {
  const [before, rest] = text.split(TABLE.begin)
  const after = rest?.split(TABLE.end)[1]
  if (before === undefined || after === undefined) throw new Error('README.md lacks the marks of the settings table')
  return `${before}${TABLE.begin}\n${table}\n${TABLE.end}${after}`
}
