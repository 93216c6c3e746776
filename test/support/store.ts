import { stat, writeFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readHeader } from '../../src/dicom/part10-header.ts'
import { storeInstances } from '../../src/pipeline/send/stow-client.ts'
import type { StoreOutcome } from '../../src/pipeline/send/store-outcome.ts'
import type { MadeRadiograph } from './radiograph.ts'
import { readFile } from 'node:fs/promises'

const LIMIT_MS = 60_000

/** Stores files as a PACS would, all in one POST; one outcome a SOP Instance UID. */
export async function storeFiles(node: string, paths: readonly string[]): Promise<ReadonlyMap<string, StoreOutcome>> {
  const files = await Promise.all(
    paths.map(async (path) => ({ path, sizeBytes: (await stat(path)).size, ...readHeader(await readFile(path)) })),
  )
  const destination = { name: 'hilum', stowUrl: new URL('/dicom-web/studies', node), confirm: false }
  return await storeInstances(destination, files, AbortSignal.timeout(LIMIT_MS))
}

/** Writes made radiographs to a folder of their own and stores them in one POST. */
export async function storeMade(
  node: string,
  made: readonly MadeRadiograph[],
): Promise<ReadonlyMap<string, StoreOutcome>> {
  const folder = await mkdtemp(join(tmpdir(), 'hilum-made-'))
  const paths = made.map(({ sopInstanceUid }) => join(folder, `${sopInstanceUid}.dcm`))
  for (const [i, { bytes }] of made.entries()) await writeFile(paths[i] ?? '', bytes)
  return await storeFiles(node, paths)
}
