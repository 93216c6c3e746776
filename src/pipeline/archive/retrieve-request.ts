import type { Readable } from 'node:stream'
import type { Acceptable } from '../../dicom/accept.ts'
import type { StoredInstance } from '../../record/retrieve.ts'

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
