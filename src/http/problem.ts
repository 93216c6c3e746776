import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ServiceError } from '../errors.ts'

/** Problem details (RFC 9457). */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'about:blank, or a URN of the code' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
  },
  { $id: 'Problem', description: 'Problem details (RFC 9457)' },
)

const STATUS: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  UNREADABLE_INSTANCE: 400,
  UNDECODABLE_PIXELS: 422,
  NOT_FOUND: 404,
  NOT_ACCEPTABLE: 406,
  ARCHIVE_UNAVAILABLE: 503,
  MODEL_UNUSABLE: 503,
}

/** The HTTP edge of the errors: a foreseen one says what was wrong, a bug says nothing but that it was logged. */
export function sendProblem(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, code, detail } = toProblem(error)
  if (status >= 500) request.log.error({ err: error }, 'request failed')
  if (status === 503) void reply.header('retry-after', '10')
  const title = TITLES[status] ?? 'The request failed'
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .send(
      Buffer.from(
        JSON.stringify({
          type: `urn:hilum:problem:${code.toLowerCase()}`,
          title,
          status,
          code,
          ...(detail && { detail }),
        }),
      ),
    )
}

function toProblem(error: FastifyError | Error): { status: number; code: string; detail?: string } {
  if (error instanceof ServiceError)
    return { status: STATUS[error.code] ?? 500, code: error.code, detail: error.message }
  // Fastify's own refusals (validation, media type, size) name the field and never a value of the body.
  if ('statusCode' in error && error.statusCode !== undefined && error.statusCode < 500) {
    return { status: error.statusCode, code: error.code ?? 'BAD_REQUEST', detail: error.message }
  }
  return { status: 500, code: 'INTERNAL_ERROR' }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  401: 'Sign-in is needed',
  404: 'There is no such resource',
  406: 'None of the accepted media types can be given',
  413: 'The body is too large',
  415: 'The media type is not supported',
  422: 'The pixels cannot be decoded',
  500: 'Hilum failed; the log has the reason',
  503: 'Hilum cannot do this for the moment',
}
