import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ManifestSchema } from '../../../src/pipeline/infer/manifest.ts'

const path = join(import.meta.dirname, '../../../models/manifest.schema.json')

test('the schema file of manifests is the one that is checked at load (UPDATE_SCHEMA=1 writes it)', async () => {
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Hilum model package', ...ManifestSchema }
  const text = `${JSON.stringify(schema, null, 2)}\n`
  if (process.env['UPDATE_SCHEMA'] === '1') await writeFile(path, text)

  const committed: unknown = JSON.parse(await readFile(path, 'utf8'))

  expect(committed).toEqual(JSON.parse(text))
})
