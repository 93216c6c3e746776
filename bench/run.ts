import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { betweenMarkers, machine, toMarkdown } from './bench-table.ts'
import type { BenchModule } from './bench-table.ts'

// npm run bench [-- turnaround decode …]: all of them into the README, or some of them to the screen only.
const ALL = ['turnaround', 'decode', 'inference', 'start', 'boxes']
const chosen = process.argv.slice(2)
const tables: string[] = []

for (const name of chosen.length === 0 ? ALL : chosen) {
  const path = join(import.meta.dirname, `${name}.ts`)
  if (!existsSync(path)) {
    console.error(`bench/${name}.ts is not there, so it is left out`)
    continue
  }
  console.error(`Measuring ${name} …`)
  const { bench }: BenchModule = await import(path)
  tables.push(toMarkdown(await bench()))
  console.log(`\n${tables.at(-1)}`)
}

if (chosen.length === 0) {
  const readme = join(import.meta.dirname, '../README.md')
  const content = [`Measured with \`npm run bench\` on ${machine()}.`, ...tables].join('\n\n')
  const text = existsSync(readme) ? await readFile(readme, 'utf8') : ''
  const updated = betweenMarkers(text, content)
  if (updated === text) console.error('README.md has no markers for the bench, or nothing changed')
  else await writeFile(readme, updated)
}
