import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import type { ReceivedInstance, Registration } from '../../src/pipeline/accept/accept-instance.ts'
import { stowRs } from '../../src/pipeline/accept/stow-rs.ts'
import { createFileArchive } from '../../src/pipeline/archive/instance-archive.ts'

export interface StowServer {
  readonly server: FastifyInstance
  /** The DICOMweb root on a real port. */
  readonly root: string
  readonly port: number
  readonly directory: string
  readonly registered: Map<string, ReceivedInstance>
  /** Replaces what the record would do. */
  register: (instance: ReceivedInstance) => Promise<Registration>
  /** Names of the files of kept instances. */
  kept(): Promise<readonly string[]>
  close(): Promise<void>
}

const LIMITS = { bodyBytes: 8_000_000, instanceBytes: 4_000_000, partHeaderBytes: 4096, parts: 2000 }

/** STOW-RS alone on a real port, with a real archive and a record that is a map. */
export async function startStowServer(limits: Partial<typeof LIMITS> = {}): Promise<StowServer> {
  const directory = await mkdtemp(join(tmpdir(), 'hilum-stow-'))
  const archive = await createFileArchive({
    directory,
    headerLimitBytes: 1_000_000,
    instanceLimitBytes: limits.instanceBytes ?? LIMITS.instanceBytes,
  })
  const registered = new Map<string, ReceivedInstance>()
  const it = {
    register: async (instance: ReceivedInstance): Promise<Registration> => {
      const known = registered.get(instance.sopInstanceUid)
      registered.set(instance.sopInstanceUid, instance)
      if (known === undefined) return { outcome: 'STORED' }
      return { outcome: known.sha256 === instance.sha256 ? 'DUPLICATE' : 'REVISED' }
    },
  }
  const server = fastify()
  await server.register(stowRs, {
    prefix: '/dicom-web',
    archive,
    register: (instance: ReceivedInstance) => it.register(instance),
    now: () => new Date(0),
    limits: { ...LIMITS, ...limits },
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo
  return Object.assign(it, {
    server,
    port,
    directory,
    registered,
    root: `http://127.0.0.1:${port}/dicom-web`,
    kept: async () =>
      (await readdir(join(directory, 'studies'), { recursive: true })).filter((name) => name.endsWith('.dcm')),
    async close() {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  })
}

/** A multipart/related body as senders frame it. */
export function multipart(
  parts: readonly Buffer[],
  options: { boundary?: string; header?: string; end?: string } = {},
): Buffer {
  const boundary = options.boundary ?? 'hilum'
  const header = options.header ?? 'Content-Type: application/dicom'
  const framed = parts.flatMap((part) => [Buffer.from(`\r\n--${boundary}\r\n${header}\r\n\r\n`), part])
  return Buffer.concat([...framed, Buffer.from(options.end ?? `\r\n--${boundary}--\r\n`)])
}

export const MULTIPART_TYPE = 'multipart/related; type="application/dicom"; boundary=hilum'
