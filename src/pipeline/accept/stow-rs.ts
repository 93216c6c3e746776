import type { Readable } from 'node:stream'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { readMediaType } from '../../dicom/media-type.ts'
import { isUid } from '../../dicom/uid.ts'
import { BadRequest } from '../../errors.ts'
import { dicomWebAddress } from '../archive/dicom-web-address.ts'
import type { AcceptDeps, Acceptance } from './accept-instance.ts'
import { BodyAborted, BodyTooLarge, limitBody } from './body-limit.ts'
import { statusOf, toStoreResponse } from './store-response.ts'
import { storeInstances } from './store-transaction.ts'

export interface StowRsOptions extends AcceptDeps {
  /** The public address of the DICOMweb root, for RetrieveURL; without it the Host header must do. */
  readonly publicUrl?: URL | undefined
  readonly limits: { readonly bodyBytes: number; readonly partHeaderBytes: number; readonly parts: number }
}

interface StudyAddress {
  readonly studyInstanceUid?: string
}

const RETRY_AFTER_SECONDS = 10

/** STOW-RS, the Store transaction (PS3.18 10.5). Register it under the prefix of the DICOMweb root. */
export const stowRs: FastifyPluginAsync<StowRsOptions> = async (server, options) => {
  // No body is read for us, and what is neither of the two is answered 415.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser(['multipart/related', 'application/dicom'], (_request, payload, done) =>
    done(null, payload),
  )

  const store = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { studyInstanceUid } = request.params as StudyAddress
    const fault = faultOf(request, studyInstanceUid, options.limits.bodyBytes)
    if (fault) return problem(reply, fault.status, fault.title)
    try {
      const body = limitBody(request.body as Readable, options.limits.bodyBytes)
      const contentType = request.headers['content-type'] ?? ''
      const acceptances = await storeInstances(options, body, { contentType, studyInstanceUid, limits: options.limits })
      logFaults(request, acceptances)
      const status = statusOf(acceptances)
      if (status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS)
      // What is left of a body whose frame broke is not read: a sender that still writes it would wait for the idle limit.
      if (!request.raw.complete) void reply.header('connection', 'close')
      const answer = toStoreResponse(acceptances, dicomWebAddress(request, server.prefix, options.publicUrl))
      // A Buffer, for Fastify adds a charset to strings, and some clients compare the type literally.
      return await reply
        .code(status)
        .type('application/dicom+json')
        .send(Buffer.from(JSON.stringify(answer)))
    } catch (error) {
      if (error instanceof BodyTooLarge) return problem(reply, 413, error.message)
      if (error instanceof BadRequest || error instanceof BodyAborted) return problem(reply, 400, error.message)
      throw error
    }
  }
  server.post('/studies', store)
  server.post('/studies/:studyInstanceUid', store)
}

/** The sender is told only that it may try again, or not: why is for the operator. */
function logFaults({ log }: FastifyRequest, acceptances: readonly Acceptance[]): void {
  for (const it of acceptances)
    if (it.kind === 'refused' && it.cause !== undefined)
      log.error({ err: it.cause, sopInstanceUid: it.sopInstanceUid, reason: it.reason }, 'instance not stored')
}

function faultOf(
  { headers, body }: FastifyRequest,
  study: string | undefined,
  bodyBytes: number,
): { status: number; title: string } | undefined {
  if (study !== undefined && !isUid(study)) return { status: 400, title: 'The study of the address is not a UID' }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return { status: 415, title: 'Content-Encoding is not supported' }
  if (Number(headers['content-length'] ?? 0) > bodyBytes)
    return { status: 413, title: 'The body is larger than the limit' }
  const { type, parameters } = readMediaType(headers['content-type'] ?? '')
  const root = parameters.get('type')?.toLowerCase() ?? 'application/dicom'
  if (type === 'multipart/related' && root !== 'application/dicom')
    return { status: 415, title: `Instances are taken as application/dicom only` }
  return body === undefined || body === null ? { status: 400, title: 'The request has no body' } : undefined
}

/** RFC 9457. The rest of the body is not read, so the connection cannot carry another request. */
function problem(reply: FastifyReply, status: number, title: string): FastifyReply {
  const body = Buffer.from(JSON.stringify({ type: 'about:blank', title, status }))
  return reply.code(status).header('connection', 'close').type('application/problem+json').send(body)
}
