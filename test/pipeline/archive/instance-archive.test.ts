import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deriveUid } from '../../../src/dicom/uid.ts'
import type { SopInstanceUid, StudyInstanceUid } from '../../../src/dicom/uid.ts'
import { ArchiveUnavailable, UnreadableInstance } from '../../../src/errors.ts'
import type { InstanceArchive } from '../../../src/pipeline/archive/instance-archive.ts'
import { createFileArchive } from '../../../src/pipeline/archive/instance-archive.ts'

const uids = {
  studyInstanceUid: deriveUid<StudyInstanceUid>('study'),
  sopInstanceUid: deriveUid<SopInstanceUid>('instance'),
}
const bytes = Buffer.alloc(300_000, 'radiograph')
const sha256 = createHash('sha256').update(bytes).digest('hex')
let directory = ''
let archive: InstanceArchive

const open = (): Promise<InstanceArchive> =>
  createFileArchive({ directory, headerLimitBytes: 1000, instanceLimitBytes: 1_000_000 })
const incoming = (): Promise<string[]> => readdir(join(directory, 'incoming'))
async function* inPieces(of: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < of.length; at += 7777) yield of.subarray(at, at + 7777)
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hilum-'))
  archive = await open()
})
afterEach(() => rm(directory, { recursive: true }))

test('what was streamed in comes back, under its study and hash', async () => {
  const received = await archive.receive(inPieces(bytes))
  expect(received).toMatchObject({ sha256, sizeBytes: bytes.length })
  expect(Buffer.from(received.prefix)).toEqual(bytes.subarray(0, 1000))

  await expect(archive.keep(received, uids)).resolves.toEqual({ sha256, sizeBytes: bytes.length })

  await expect(archive.read(uids, sha256)).resolves.toEqual(bytes)
  expect(archive.pathOf(uids, sha256)).toBe(
    join(directory, 'studies', uids.studyInstanceUid, `${uids.sopInstanceUid}-${sha256.slice(0, 16)}.dcm`),
  )
  await expect(incoming()).resolves.toEqual([])
})

test('the same instance from ten senders at once is one whole file', async () => {
  await Promise.all(Array.from({ length: 10 }, async () => archive.keep(await archive.receive(inPieces(bytes)), uids)))

  await expect(readdir(join(directory, 'studies', uids.studyInstanceUid))).resolves.toHaveLength(1)
  await expect(archive.read(uids, sha256)).resolves.toEqual(bytes)
})

test('other bytes under the same UID lie beside the first', async () => {
  const first = await archive.put(uids, bytes)
  const second = await archive.put(uids, Buffer.from('revised'))
  await expect(archive.read(uids, first.sha256)).resolves.toEqual(bytes)
  await expect(archive.read(uids, second.sha256)).resolves.toEqual(Buffer.from('revised'))
})

test('an instance over the limit leaves nothing behind', async () => {
  await expect(archive.receive(inPieces(Buffer.alloc(1_000_001)))).rejects.toThrow(UnreadableInstance)
  await expect(incoming()).resolves.toEqual([])
})

test('a sender that breaks off leaves nothing behind, and its error comes through', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield bytes
    throw new Error('aborted')
  }
  await expect(archive.receive(broken())).rejects.toThrow('aborted')
  await expect(incoming()).resolves.toEqual([])
})

test('left-overs of a crash are cleared at creation, not what is kept or what another process receives', async () => {
  await archive.put(uids, bytes)
  await writeFile(join(directory, 'incoming', 'left.part'), 'half')
  await utimes(join(directory, 'incoming', 'left.part'), 0, 0)
  const other = await archive.receive(inPieces(bytes))
  archive = await open()
  await expect(incoming()).resolves.toEqual([basename(other.temporaryPath)])
  await expect(archive.read(uids, sha256)).resolves.toEqual(bytes)
})

test('a disk that fails is ArchiveUnavailable', async () => {
  await rm(join(directory, 'incoming'), { recursive: true })
  await expect(archive.receive(inPieces(bytes))).rejects.toThrow(ArchiveUnavailable)
})

test('a UID that climbs folders never becomes a path', () => {
  const climbing = { ...uids, studyInstanceUid: '../../etc' as StudyInstanceUid }
  expect(() => archive.pathOf(climbing, sha256)).toThrow(UnreadableInstance)
})
