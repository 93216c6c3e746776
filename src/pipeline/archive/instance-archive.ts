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

/** Instances as files: `studies/<study>/<instance>-<hash>.dcm`. Left-overs of a crash in `incoming/` are cleared here. */
export async function createFileArchive(options: {
  readonly directory: string
  readonly headerLimitBytes: number
  readonly instanceLimitBytes: number
}): Promise<InstanceArchive> {
  const root = resolve(options.directory)
  const temporary = join(root, 'incoming')
  await makeFolder(join(root, 'studies'))
  await makeFolder(temporary)
  await clearLeftOvers(temporary)

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
    } catch (error) {
      await file.close().catch(() => undefined)
      await discard()
      throw error
    }
    await onDisk(() => file.close())
    return { temporaryPath, sha256: hash.digest('hex'), sizeBytes, prefix: Buffer.concat(head), discard }
  }

  const durableFolder = createFolderKeeper()
  const keep = (incoming: Incoming, uids: InstanceUids): Promise<ArchivedFile> =>
    onDisk(async () => {
      const path = pathOf(uids, incoming.sha256)
      // Flushed only now: an instance that is refused costs the disk nothing.
      await sync(incoming.temporaryPath)
      await durableFolder(dirname(path))
      // Two senders of the same bytes both rename a whole file onto the name: whoever is last, it is the same file.
      await rename(incoming.temporaryPath, path)
      await sync(dirname(path))
      return { sha256: incoming.sha256, sizeBytes: incoming.sizeBytes }
    })

  async function put(uids: InstanceUids, bytes: Uint8Array): Promise<ArchivedFile> {
    const incoming = await receive(once(bytes))
    try {
      return await keep(incoming, uids)
    } finally {
      await incoming.discard()
    }
  }

  return {
    receive,
    keep,
    pathOf,
    put,
    read: (uids, sha256) => onDisk(() => readFile(pathOf(uids, sha256))),
    remove: (uids, sha256) => onDisk(() => rm(pathOf(uids, sha256), { force: true })),
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

// Other processes may share the folder and be receiving: a file that still grows is not a left-over.
const LEFT_OVER_AFTER_MS = 3_600_000

async function clearLeftOvers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    // Another process may clear, or keep, the same file at the same moment.
    const written = await stat(path).then(
      (it) => it.mtimeMs,
      () => Infinity,
    )
    if (Date.now() - written > LEFT_OVER_AFTER_MS) await rm(path, { force: true })
  }
}

/** Makes a folder and its parents; the entry of each new one is in its parent, which is flushed too. */
async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o750 })
  if (made === undefined) return
  for (let folder = path; ; folder = dirname(folder)) {
    await sync(dirname(folder))
    if (folder === made) return
  }
}

const REMEMBERED_FOLDERS = 10_000

/**
 * Makes folders whose entry is on disk when it resolves. A folder that another sender or process has just made
 * exists and may not be durable yet, so its parent is flushed by everyone who meets it first.
 */
function createFolderKeeper(): (path: string) => Promise<void> {
  const durable = new Set<string>()
  return async (path) => {
    await mkdir(path, { recursive: true, mode: 0o750 })
    if (durable.has(path)) return
    await sync(dirname(path))
    if (durable.size >= REMEMBERED_FOLDERS) durable.clear()
    durable.add(path)
  }
}

/** Flushes a file or a folder. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
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
