import { writeFile } from 'node:fs/promises'
import { generatedDocuments } from './generated-documents.ts'

for (const [path, text] of await generatedDocuments()) {
  await writeFile(path, text)
  console.log(`wrote ${path}`)
}
