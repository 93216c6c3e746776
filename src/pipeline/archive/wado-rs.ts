import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { readAccept } from '../../dicom/accept.ts'
import { isUid } from '../../dicom/uid.ts'
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../../dicom/uid.ts'
import { BadRequest, NotFound } from '../../errors.ts'
import type { Record } from '../../record/record.ts'
import type { RetrieveAddress, StoredInstance } from '../../record/retrieve.ts'
import { listInstances } from '../../record/retrieve.ts'
import { dicomWebAddress } from './dicom-web-address.ts'
import { retrieveFrames } from './retrieve-frames.ts'
import { retrieveInstances } from './retrieve-instances.ts'
import { retrieveMetadata } from './retrieve-metadata.ts'
import { retrieveRendered } from './retrieve-rendered.ts'
import type { RetrieveAnswer, RetrieveRequest, WadoRsOptions } from './retrieve-request.ts'

interface Address {
  readonly study: string
  readonly series?: string
  readonly instance?: string
  readonly frames?: string
}

type Retrieve = (request: RetrieveRequest, deps: WadoRsOptions) => Promise<RetrieveAnswer>

const LEVELS = [
  '/studies/:study',
  '/studies/:study/series/:series',
  '/studies/:study/series/:series/instances/:instance',
]

/** WADO-RS, the Retrieve transaction (PS3.18 10.4). Register it under the prefix of the DICOMweb root. */
export const wadoRs: FastifyPluginAsync<WadoRsOptions> = async (server, options) => {
  const answer =
    (retrieve: Retrieve) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const params = request.params as Address
      const query = request.query as Readonly<{ [name: string]: unknown }>
      const accept = readAccept(request.headers.accept, query['accept'] ?? query['contentType'])
      const instances = await find(options.record, toAddress(params))
      const base = dicomWebAddress(request, server.prefix, options.publicUrl)
      const frames = params.frames === undefined ? undefined : toFrames(params.frames, instances)
      const { contentType, contentLength, body } = await retrieve({ instances, frames, accept, query, base }, options)
      if (contentLength !== undefined) void reply.header('content-length', contentLength)
      return reply.type(contentType).send(body)
    }

  for (const level of LEVELS) {
    server.get(level, answer(retrieveInstances))
    server.get(`${level}/metadata`, answer(retrieveMetadata))
    server.get(`${level}/rendered`, answer(retrieveRendered))
  }
  const [, , instance] = LEVELS
  server.get(`${instance}/frames/:frames`, answer(retrieveFrames))
  server.get(`${instance}/frames/:frames/rendered`, answer(retrieveRendered))
}

function toAddress({ study, series, instance }: Address): RetrieveAddress {
  for (const uid of [study, series, instance])
    if (uid !== undefined && !isUid(uid)) throw new BadRequest('A UID of the address is not a UID')
  return {
    studyInstanceUid: study as StudyInstanceUid,
    seriesInstanceUid: series as SeriesInstanceUid | undefined,
    sopInstanceUid: instance as SopInstanceUid | undefined,
  }
}

async function find(record: Record, address: RetrieveAddress): Promise<readonly StoredInstance[]> {
  const instances = await listInstances(record, address)
  if (instances.length === 0) throw new NotFound('Nothing is stored under this address')
  return instances
}

function toFrames(list: string, [instance]: readonly StoredInstance[]): readonly number[] {
  const numbers = list.split(',').map((text) => (/^[1-9]\d{0,6}$/.test(text) ? Number(text) : 0))
  if (numbers.includes(0)) throw new BadRequest('Frames are a list of numbers from 1, between commas')
  if (!instance?.hasPixels || numbers.some((it) => it > instance.numberOfFrames))
    throw new NotFound('There is no such frame')
  return numbers
}
