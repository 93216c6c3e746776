import { readFileSync } from 'node:fs'

/** The version of this software, as package.json says it; the file lies above both `src/` and `dist/`. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
