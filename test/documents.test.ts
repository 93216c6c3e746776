import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { expect, test } from 'vitest'
import { generatedDocuments } from '../scripts/generated-documents.ts'

test('openapi.yaml and the settings table are what the sources say (npm run documents)', async () => {
  for (const [path, text] of await generatedDocuments()) {
    expect(await readFile(path, 'utf8'), relative('.', path)).toBe(text)
  }
})
