import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { storeInstance, storeInstances } from '../../../src/pipeline/send/stow-client.ts'
import type { OutgoingFile } from '../../../src/pipeline/send/stow-client.ts'
import { startOrthanc } from '../../support/orthanc.ts'
import type { Orthanc } from '../../support/orthanc.ts'
import { peerMissing } from '../../support/peer-missing.ts'
import { tinyInstance } from '../../support/tiny-instance.ts'

const signal = AbortSignal.timeout(60_000)
let orthanc: Orthanc
let folder: string

beforeAll(async () => {
  if (peerMissing('orthanc') !== undefined) return
  orthanc = await startOrthanc({ refusedModalities: ['PR'] })
  folder = await mkdtemp(join(tmpdir(), 'hilum-send-'))
})

afterAll(async () => {
  if (peerMissing('orthanc') !== undefined) return
  await orthanc.close()
  await rm(folder, { recursive: true })
})

test.skipIf(peerMissing('orthanc'))(
  'what a real PACS took is stored, byte for byte, and again is no failure',
  async () => {
    const { file, bytes } = await onDisk({ paddingBytes: 3_000_000 })
    const destination = { name: 'pacs', stowUrl: orthanc.stowUrl }

    const first = await storeInstance(destination, file, signal)
    const second = await storeInstance(destination, file, signal)

    expect(first).toEqual({ kind: 'stored' })
    expect(second.kind).toBe('stored')
    expect((await orthanc.file(file.sopInstanceUid)).equals(bytes)).toBe(true)
  },
)

test.skipIf(peerMissing('orthanc'))('in one request, the outcome is that of each instance', async () => {
  const good = await onDisk({})
  const turnedAway = await onDisk({ modality: 'PR' })
  const destination = { name: 'pacs', stowUrl: orthanc.dicomWebUrl }

  const outcomes = await storeInstances(destination, [good.file, turnedAway.file], signal)

  expect(outcomes.get(good.file.sopInstanceUid)).toEqual({ kind: 'stored' })
  expect(outcomes.get(turnedAway.file.sopInstanceUid)?.kind).not.toBe('stored')
  expect(await orthanc.sopInstanceUids()).toContain(good.file.sopInstanceUid)
  expect(await orthanc.sopInstanceUids()).not.toContain(turnedAway.file.sopInstanceUid)
})

test.skipIf(peerMissing('orthanc'))('a file that is no DICOM is not stored', async () => {
  const path = join(folder, 'hello.dcm')
  await writeFile(path, 'hello')
  const file = { path, sizeBytes: 5, sopClassUid: '1.2', sopInstanceUid: '1.2.3' }

  const outcome = await storeInstance({ name: 'pacs', stowUrl: orthanc.stowUrl }, file, signal)

  expect(outcome.kind).not.toBe('stored')
})

async function onDisk(options: Parameters<typeof tinyInstance>[0]): Promise<{ file: OutgoingFile; bytes: Buffer }> {
  const { bytes, sopClassUid, sopInstanceUid } = tinyInstance(options)
  const path = join(folder, `${sopInstanceUid}.dcm`)
  await writeFile(path, bytes)
  return { file: { path, sizeBytes: bytes.length, sopClassUid, sopInstanceUid }, bytes }
}
