import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { readHeader } from '../../src/dicom/part10-header.ts'
import type { InstanceHeader } from '../../src/dicom/part10-header.ts'
import { BadRequest, NotAcceptable, NotFound } from '../../src/errors.ts'
import type { InstanceArchive } from '../../src/pipeline/archive/instance-archive.ts'
import { createFileArchive } from '../../src/pipeline/archive/instance-archive.ts'
import { openEmbeddedRecord } from '../../src/record/record.ts'
import type { Record } from '../../src/record/record.ts'
import { registerInstance } from '../../src/record/register-instance.ts'

export interface ArchiveServer {
  /** The DICOMweb root. */
  readonly url: string
  readonly record: Record
  readonly archive: InstanceArchive
  /** Puts a Part 10 file into archive and record. */
  store(bytes: Uint8Array): Promise<InstanceHeader>
  close(): Promise<void>
}

const POLICY = { studyQuietMs: 1000, studyMaxWaitMs: 10_000, assess: () => ({ reasons: [], models: [] }) }

/** A real record in memory and a real archive on disk behind a listening server with the given plugins under /dicom-web. */
export async function startArchiveServer(
  register: (
    server: FastifyInstance,
    deps: { readonly record: Record; readonly archive: InstanceArchive },
  ) => Promise<void>,
): Promise<ArchiveServer> {
  const directory = await mkdtemp(join(tmpdir(), 'hilum-archive-'))
  const database = new PGlite()
  const record = await openEmbeddedRecord(database)
  const archive = await createFileArchive({ directory, headerLimitBytes: 1 << 20, instanceLimitBytes: 1 << 28 })
  const server = fastify()
  server.setErrorHandler((error: Error, _request, reply) => reply.code(statusOf(error)).send({ title: error.message }))
  await server.register((scope) => register(scope, { record, archive }), { prefix: '/dicom-web' })
  const address = await server.listen({ port: 0, host: '127.0.0.1' })

  return {
    url: `${address}/dicom-web`,
    record,
    archive,
    async store(bytes) {
      const header = readHeader(bytes)
      const file = await archive.put(header, bytes)
      await registerInstance(record, { ...header, ...file, receivedAt: new Date() }, POLICY)
      return header
    },
    async close() {
      await server.close()
      await database.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function statusOf(error: Error): number {
  if (error instanceof BadRequest) return 400
  if (error instanceof NotFound) return 404
  return error instanceof NotAcceptable ? 406 : 500
}
