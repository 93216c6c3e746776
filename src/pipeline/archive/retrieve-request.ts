import type { Readable } from 'node:stream'
import type { Acceptable } from '../../dicom/accept.ts'
import type { Record } from '../../record/record.ts'
import type { StoredInstance } from '../../record/retrieve.ts'
import type { InstanceArchive } from './instance-archive.ts'
import type { Pictures } from './pictures.ts'

export interface WadoRsOptions {
  readonly record: Record
  readonly archive: Pick<InstanceArchive, 'pathOf'>
  readonly pictures: Pictures
  /** The public address of the DICOMweb root, for BulkDataURI; without it the Host header must do. */
  readonly publicUrl?: URL | undefined
}

/** A Retrieve request whose address has been found and whose headers have been read. */
export interface RetrieveRequest {
  /** At least one. */
  readonly instances: readonly StoredInstance[]
  /** Of the one instance, from 1. */
  readonly frames: readonly number[] | undefined
  readonly accept: readonly Acceptable[]
  readonly query: Readonly<{ [name: string]: unknown }>
  /** Public address of the DICOMweb root. */
  readonly base: string
}

export interface RetrieveAnswer {
  readonly contentType: string
  readonly contentLength?: number | undefined
  /** Never a string: Fastify would add a charset to its type. */
  readonly body: Readable | Buffer
}
