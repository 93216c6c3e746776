import { timingSafeEqual } from 'node:crypto'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { NotFound } from '../errors.ts'
import { Problem, sendProblem } from './problem.ts'

export interface ServerOptions {
  readonly log: Logger
  /** The bearer token that all but health must carry. */
  readonly token?: string | undefined
  /** A connection on which nothing moves for so long is closed; two minutes when absent. */
  readonly idleLimitMs?: number | undefined
}

/** A Fastify server without routes and without business: errors as problem details, sign-in, headers. */
export function createServer({ log, token, idleLimitMs = 120_000 }: ServerOptions): FastifyInstance {
  const server = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    // The address of a query may carry a patient attribute (QIDO-RS by PatientID).
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
    // However long a large study takes; a sender that says nothing more holds no connection and no file.
    requestTimeout: 0,
    connectionTimeout: idleLimitMs,
    forceCloseConnections: 'idle',
  })
  server.addSchema(Problem)
  server.setErrorHandler(sendProblem)
  server.setNotFoundHandler((request, reply) => sendProblem(new NotFound('no such address'), request, reply))
  server.addHook('onSend', async (_request, reply) => {
    void reply.header('x-content-type-options', 'nosniff')
  })
  if (token !== undefined) requireToken(server, token)
  return server
}

function requireToken(server: FastifyInstance, token: string): void {
  const expected = Buffer.from(`Bearer ${token}`)
  server.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/health/')) return
    const given = Buffer.from(request.headers.authorization ?? '')
    if (given.length === expected.length && timingSafeEqual(given, expected)) return
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .header('content-type', 'application/problem+json')
      .send(
        Buffer.from(
          JSON.stringify({
            type: 'urn:hilum:problem:unauthorized',
            title: 'Sign-in is needed',
            status: 401,
            code: 'UNAUTHORIZED',
          }),
        ),
      )
  })
}
