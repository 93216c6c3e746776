import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ArchiveUnavailable } from '../../src/errors.ts'
import { ownDataDirectory } from '../../src/record/data-directory.ts'

test('a second owner of a data directory is told so, and comes in when the first has left', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hilum-owned-'))
  const first = await ownDataDirectory(directory)

  await expect(ownDataDirectory(directory)).rejects.toThrow(ArchiveUnavailable)
  await first.release()

  const second = await ownDataDirectory(directory)
  await second.release()
})
