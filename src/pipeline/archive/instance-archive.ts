import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { SopInstanceUid, StudyInstanceUid } from '../../dicom/uid.ts'
import { isUid } from '../../dicom/uid.ts'
import { ArchiveUnavailable, UnreadableInstance } from '../../errors.ts'

export interface ArchivedFile {
  readonly sha256: string
  readonly sizeBytes: number
}

export interface InstanceUids {
  readonly studyInstanceUid: StudyInstanceUid
  readonly sopInstanceUid: SopInstanceUid
}

/** Bytes on disk under a temporary name: nobody reads them until they are kept. */
export interface Incoming extends ArchivedFile {
  readonly temporaryPath: string
  /** The first bytes, enough for the header. */
  readonly prefix: Uint8Array
  discard(): Promise<void>
}

export interface InstanceArchive {
  /** Streams to a temporary file. Throws UnreadableInstance over the limit, ArchiveUnavailable when the disk fails; a failing body's own error passes through. */
  receive(body: AsyncIterable<Uint8Array>): Promise<Incoming>
  /** Makes it durable under its UIDs and content. Idempotent: the same bytes have the same name. */
  keep(incoming: Incoming, uids: InstanceUids): Promise<ArchivedFile>
  /** The same for an object that Hilum made itself. */
  put(uids: InstanceUids, bytes: Uint8Array): Promise<ArchivedFile>
  /** The absolute path of a kept instance. */
  pathOf(uids: InstanceUids, sha256: string): string
  read(uids: InstanceUids, sha256: string): Promise<Buffer>
  /** Forgets an instance that the record refused. */
  remove(uids: InstanceUids, sha256: string): Promise<void>
}

/** Instances as files: `studies/<study>/<instance>-<hash>.dcm`. One process owns `incoming/`, whose left-overs are cleared here. */
export async function createFileArchive(options: {
  readonly directory: string
  readonly headerLimitBytes: number
  readonly instanceLimitBytes: number
}): Promise<InstanceArchive> {
  const root = resolve(options.directory)
  const temporary = join(root, 'incoming')
  await makeFolder(join(root, 'studies'))
  await makeFolder(temporary)
  for (const left of await readdir(temporary)) await rm(join(temporary, left), { force: true })

  const pathOf = ({ studyInstanceUid, sopInstanceUid }: InstanceUids, sha256: string): string => {
    // A checked UID is digits and dots only, so no name can leave the folder.
    if (!isUid(studyInstanceUid) || !isUid(sopInstanceUid)) throw new UnreadableInstance('A UID is not a UID')
    return join(root, 'studies', studyInstanceUid, `${sopInstanceUid}-${sha256.slice(0, 16)}.dcm`)
  }

  async function receive(body: AsyncIterable<Uint8Array>): Promise<Incoming> {
    const temporaryPath = join(temporary, `${randomUUID()}.part`)
    const discard = (): Promise<void> => rm(temporaryPath, { force: true })
    const hash = createHash('sha256')
    const head: Uint8Array[] = []
    let headBytes = 0
    let sizeBytes = 0
    const file = await onDisk(() => open(temporaryPath, 'wx', 0o640))
    try {
      for await (const chunk of body) {
        sizeBytes += chunk.length
        if (sizeBytes > options.instanceLimitBytes)
          throw new UnreadableInstance('The instance is larger than the limit')
        if (headBytes < options.headerLimitBytes) {
          // Copied, so that a small rest does not hold a whole network buffer.
          const piece = Uint8Array.from(chunk.subarray(0, options.headerLimitBytes - headBytes))
          head.push(piece)
          headBytes += piece.length
        }
        hash.update(chunk)
        await onDisk(() => file.writeFile(chunk))
      }
      await onDisk(() => file.sync())
    } catch (error) {
      await file.close().catch(() => undefined)
      await discard()
      throw error
    }
    await onDisk(() => file.close())
    return { temporaryPath, sha256: hash.digest('hex'), sizeBytes, prefix: Buffer.concat(head), discard }
  }

  const keep = (incoming: Incoming, uids: InstanceUids): Promise<ArchivedFile> =>
    onDisk(async () => {
      const path = pathOf(uids, incoming.sha256)
      await makeFolder(dirname(path))
      // Two senders of the same bytes both rename a whole file onto the name: whoever is last, it is the same file.
      await rename(incoming.temporaryPath, path)
      await syncFolder(dirname(path))
      return { sha256: incoming.sha256, sizeBytes: incoming.sizeBytes }
    })

  return {
    receive,
    keep,
    pathOf,
    put: async (uids, bytes) => keep(await receive(once(bytes)), uids),
    read: (uids, sha256) => onDisk(() => readFile(pathOf(uids, sha256))),
    remove: (uids, sha256) => onDisk(() => rm(pathOf(uids, sha256), { force: true })),
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Makes a folder and its parents durable: the entry of each new folder is in its parent, which must be flushed too. */
async function makeFolder(path: string): Promise<void> {
  if (
    await stat(path).then(
      (it) => it.isDirectory(),
      () => false,
    )
  )
    return
  await makeFolder(dirname(path))
  await mkdir(path, { recursive: true, mode: 0o750 })
  await syncFolder(dirname(path))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof UnreadableInstance) throw cause
    throw new ArchiveUnavailable('The archive cannot be written or read', { cause })
  }
}
