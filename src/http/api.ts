import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { createServer, type ServerOptions } from './server.ts'
import { health, type HealthOptions } from './health.ts'
import { stowRs, type StowRsOptions } from '../pipeline/accept/stow-rs.ts'
import { qidoRs, type QidoRsOptions } from '../pipeline/archive/qido-rs.ts'
import type { WadoRsOptions } from '../pipeline/archive/retrieve-request.ts'
import { wadoRs } from '../pipeline/archive/wado-rs.ts'
import { overlay, type OverlayOptions } from '../ris/overlay.ts'
import { studies, type StudiesOptions } from '../ris/studies.ts'
import { VERSION } from '../version.ts'

export type ApiOptions = ServerOptions &
  HealthOptions &
  StowRsOptions &
  QidoRsOptions &
  WadoRsOptions &
  OverlayOptions &
  StudiesOptions

/** The whole web of a node: DICOMweb, /v1 and health, each plugin with the options it asks for. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const server = createServer(options)
  await server.register(swagger, {
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) =>
        typeof schema['$id'] === 'string' ? schema['$id'] : `def-${index}`,
    },
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Hilum', version: VERSION, description: 'DICOMweb AI node for chest radiographs.' },
      tags: [{ name: 'dicomweb' }, { name: 'studies' }, { name: 'health' }],
    },
  })
  await server.register(health, options)
  await server.register(stowRs, { ...options, prefix: '/dicom-web' })
  await server.register(qidoRs, { ...options, prefix: '/dicom-web' })
  await server.register(wadoRs, { ...options, prefix: '/dicom-web' })
  await server.register(studies, { ...options, prefix: '/v1' })
  await server.register(overlay, { ...options, prefix: '/v1' })
  return server
}
