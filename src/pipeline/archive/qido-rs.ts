import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { isWithin, readAccept } from '../../dicom/accept.ts'
import type { DicomJson } from '../../dicom/dataset.ts'
import { isUid } from '../../dicom/uid.ts'
import { BadRequest, NotAcceptable } from '../../errors.ts'
import type { Record } from '../../record/record.ts'
import { searchInstances, searchSeries, searchStudies } from '../../record/search.ts'
import type { Search } from '../../record/search.ts'
import { dicomWebAddress } from './dicom-web-address.ts'
import { OF_INSTANCE, toInstanceAnswer, toSeriesAnswer, toStudyAnswer } from './search-answer.ts'
import type { SearchRequest } from './search-request.ts'
import { readSearchRequest } from './search-request.ts'

export interface QidoRsOptions {
  readonly record: Record
  /** The public address of the DICOMweb root, for RetrieveURL; without it the Host header must do. */
  readonly publicUrl?: URL | undefined
}

interface Address {
  readonly study?: string
  readonly series?: string
}

interface Answer {
  readonly rows: readonly DicomJson[]
  readonly total: number
}

type Find = (request: SearchRequest, search: Search, base: string) => Promise<Answer>

/**
 * QIDO-RS, the Search transaction (PS3.18 10.6). Nothing found is 200 with an empty list: clients in the field parse
 * the body of a 204. Register it under the prefix of the DICOMweb root.
 */
export const qidoRs: FastifyPluginAsync<QidoRsOptions> = async (server, { record, publicUrl }) => {
  const findStudies: Find = async ({ include }, search, base) => {
    const { rows, total } = await searchStudies(record, search)
    return { rows: rows.map((row) => toStudyAnswer(row, include, base)), total }
  }
  const findSeries: Find = async ({ include }, search, base) => {
    const { rows, total } = await searchSeries(record, search)
    const alone = search.studyInstanceUid === undefined
    return { rows: rows.map((row) => toSeriesAnswer(row, include, base, alone)), total }
  }
  const findInstances: Find = async ({ include }, search, base) => {
    const { rows, total } = await searchInstances(
      record,
      search,
      include === 'all' ? 'all' : [...OF_INSTANCE, ...include],
    )
    const alone = search.studyInstanceUid === undefined
    return { rows: rows.map((row) => toInstanceAnswer(row, include, base, alone)), total }
  }

  const answer =
    (find: Find) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const query = request.query as Readonly<{ [name: string]: unknown }>
      const type = answerType(request.headers.accept, query['accept'])
      const asked = readSearchRequest(query)
      const { matches, limit, offset } = asked
      const search = { ...within(request.params as Address), matches, limit, offset }
      const base = dicomWebAddress(request, server.prefix, publicUrl)
      const { rows, total } = await find(asked, search, base)
      const left = total - offset - rows.length
      const warnings =
        left > 0 ? [...asked.warnings, `There are ${left} additional results that can be requested`] : asked.warnings
      if (warnings.length > 0)
        void reply.header(
          'warning',
          warnings.map((warning) => `299 ${base}: ${warning}`),
        )
      // A Buffer, for Fastify adds a charset to strings, and some clients compare the type literally.
      return reply.type(type).send(Buffer.from(JSON.stringify(rows)))
    }

  server.get('/studies', answer(findStudies))
  server.get('/series', answer(findSeries))
  server.get('/instances', answer(findInstances))
  server.get('/studies/:study/series', answer(findSeries))
  server.get('/studies/:study/instances', answer(findInstances))
  server.get('/studies/:study/series/:series/instances', answer(findInstances))
}

function within({ study, series }: Address): Pick<Search, 'studyInstanceUid' | 'seriesInstanceUid'> {
  for (const uid of [study, series])
    if (uid !== undefined && !isUid(uid)) throw new BadRequest('A UID of the address is not a UID')
  return { studyInstanceUid: study, seriesInstanceUid: series }
}

function answerType(header: string | undefined, parameter: unknown): string {
  const types = ['application/dicom+json', 'application/json']
  for (const { mediaType } of readAccept(header, parameter)) {
    const type = types.find((it) => isWithin(it, mediaType))
    if (type !== undefined) return type
  }
  throw new NotAcceptable('Results are application/dicom+json')
}
