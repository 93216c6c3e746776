import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of real radiographs and judges that travels beside the checkout (SHARED_DIR or ../shared), if it is there. */
export function sharedFolder(): string | undefined {
  const folder = resolve(process.env['SHARED_DIR'] ?? join(import.meta.dirname, '../../../shared'))
  return existsSync(join(folder, 'dicom')) ? folder : undefined
}

/** A path inside the shared folder; only for tests that were not skipped. */
export function sharedPath(...parts: readonly string[]): string {
  const folder = sharedFolder()
  if (folder === undefined) throw new Error(SHARED_MISSING)
  return join(folder, ...parts)
}

export const SHARED_MISSING = 'the shared folder is neither at SHARED_DIR nor beside the checkout'
