import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { sendCommand } from '../../src/commands/send.ts'
import { withOrthanc } from '../support/orthanc.ts'
import { peerMissing } from '../support/peer-missing.ts'
import { tinyInstance } from '../support/tiny-instance.ts'

test.skipIf(peerMissing('orthanc')).each([
  { what: 'one request an instance', flags: [] },
  { what: 'one request a study', flags: ['--batch'] },
])('with $what, what can be stored is stored, and a file that is no DICOM makes the exit code 1', async ({ flags }) => {
  const folder = await mkdtemp(join(tmpdir(), 'hilum-send-'))
  const instances = [tinyInstance(), tinyInstance()]
  for (const { sopInstanceUid, bytes } of instances) await writeFile(join(folder, `${sopInstanceUid}.dcm`), bytes)
  await writeFile(join(folder, 'notes.txt'), 'no DICOM')

  const stored = await withOrthanc(async (orthanc) => {
    await sendCommand().parseAsync(['node', 'send', folder, '--to', orthanc.stowUrl.href, ...flags])
    return orthanc.sopInstanceUids()
  })

  expect(stored).toEqual(instances.map((it) => it.sopInstanceUid).toSorted())
  expect(process.exitCode).toBe(1)
  process.exitCode = undefined
  await rm(folder, { recursive: true })
})
