import { createHash } from 'node:crypto'
import { mkdir, realpath, rm } from 'node:fs/promises'
import { createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArchiveUnavailable } from '../errors.ts'

/**
 * Makes this process the only owner of the data directory, until released or dead: the embedded database must never be
 * open twice. A socket tells a live owner from one that was killed, which a file with a process number cannot.
 */
export async function ownDataDirectory(directory: string): Promise<{ release: () => Promise<void> }> {
  await mkdir(directory, { recursive: true })
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 24)
  const path = join(tmpdir(), `hilum-${name}.sock`)
  if (await answers(path)) throw new ArchiveUnavailable(`another Hilum owns the data directory ${directory}`)
  await rm(path, { force: true })
  const server = await listen(path)
  return {
    release: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Nobody listens: there is no such socket, or its owner died.
    socket.once('error', () => resolve(false))
  })
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(path, () => {
      server.unref()
      resolve(server)
    })
  })
}
