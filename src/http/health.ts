import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'

export interface HealthOptions {
  /** Empty when all that a request needs answers; else what does not. */
  readonly unready: () => Promise<readonly string[]>
  /** What runs here, for people: version, profile, models, execution provider. */
  readonly about: Readonly<Record<string, unknown>>
}

const About = Type.Object({ status: Type.Literal('live') }, { additionalProperties: true })
const Readiness = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('not ready')]),
  missing: Type.Array(Type.String()),
})

/** Liveness says that the process answers; readiness, that the record and the queue answer it. */
export const health: FastifyPluginAsync<HealthOptions> = async (server, { unready, about }) => {
  server.get(
    '/health/live',
    { schema: { tags: ['health'], summary: 'Is the process alive', response: { 200: About } } },
    async () => ({ status: 'live', ...about }),
  )

  server.get(
    '/health/ready',
    { schema: { tags: ['health'], summary: 'Can it take work', response: { 200: Readiness, 503: Readiness } } },
    async (_request, reply) => {
      const missing = await unready()
      if (missing.length === 0) return { status: 'ready', missing }
      return await reply.code(503).send({ status: 'not ready', missing })
    },
  )
}
