import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ModelUnusable } from '../errors.ts'
import { loadModelPackage, type ModelPackage } from '../pipeline/infer/model-package.ts'

/** models/ beside package.json; src/commands/ and dist/commands/ lie equally deep. */
export const DEFAULT_MODELS_DIRECTORY = fileURLToPath(new URL('../../models', import.meta.url))

const DEFAULT_MODEL = 'hilum-opacity'

/** The named package, else the default one, else the only one. @throws ModelUnusable */
export async function chooseModel(directory: string, name?: string): Promise<ModelPackage> {
  const names = existsSync(directory) ? await packagesIn(directory) : []
  const fallback = names.includes(DEFAULT_MODEL) || names.length === 0 ? DEFAULT_MODEL : names[0]
  const chosen = name ?? fallback ?? DEFAULT_MODEL
  if (!names.includes(chosen)) {
    const known = names.length === 0 ? 'there is none' : `there are: ${names.join(', ')}`
    throw new ModelUnusable(`no model package '${chosen}' in ${directory} (${known})`)
  }
  return loadModelPackage(join(directory, chosen))
}

async function packagesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory)
  return entries.filter((entry) => existsSync(join(directory, entry, 'manifest.json'))).toSorted()
}
