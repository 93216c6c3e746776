import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isUid } from '../dicom/uid.ts'
import { BadRequest, NotFound } from '../errors.ts'
import { dicomWebAddress } from '../pipeline/archive/dicom-web-address.ts'
import type { Record } from '../record/record.ts'
import { listStudies, viewStudy, type StudyCursor } from '../record/study-view.ts'
import { Study, StudyPage } from './study-resource.ts'
import { toStudy, toStudySummary } from './to-study.ts'

export interface StudiesOptions {
  readonly record: Record
  /** Of the DICOMweb root; without it the Host header must do. */
  readonly publicUrl?: URL | undefined
}

const ProblemRef = Type.Ref('Problem')
const PageQuery = Type.Object({
  limit: Type.Integer({ default: 50, minimum: 1, maximum: 500 }),
  after: Type.Optional(Type.String({ description: 'The `next` of the page before.' })),
})

/** What became of each study: the resource that a RIS polls and an operator looks at. */
export const studies: FastifyPluginAsyncTypebox<StudiesOptions> = async (server, { record, publicUrl }) => {
  server.get(
    '/studies',
    {
      schema: {
        tags: ['studies'],
        summary: 'Studies, the newest first',
        querystring: PageQuery,
        response: { 200: StudyPage, 400: ProblemRef },
      },
    },
    async ({ query }) => {
      const rows = await listStudies(record, query.limit, readCursor(query.after))
      const last = rows.length === query.limit ? rows.at(-1) : undefined
      return { studies: rows.map(toStudySummary), next: last ? writeCursor(last) : null }
    },
  )

  server.get(
    '/studies/:studyInstanceUid',
    {
      schema: {
        tags: ['studies'],
        summary: 'One study: state, reasons, findings, timings, results, deliveries',
        params: Type.Object({ studyInstanceUid: Type.String() }),
        response: { 200: Study, 400: ProblemRef, 404: ProblemRef },
      },
    },
    async (request) => {
      const { studyInstanceUid } = request.params
      if (!isUid(studyInstanceUid)) throw new BadRequest('the Study Instance UID is not a UID')
      const view = await viewStudy(record, studyInstanceUid)
      if (!view) throw new NotFound('no such study')
      return toStudy(view, dicomWebAddress(request, '/dicom-web', publicUrl))
    },
  )
}

const writeCursor = (cursor: StudyCursor): string =>
  Buffer.from(`${cursor.lastReceivedAt.getTime()} ${cursor.studyInstanceUid}`).toString('base64url')

function readCursor(text: string | undefined): StudyCursor | undefined {
  if (text === undefined) return undefined
  const [time, studyInstanceUid] = Buffer.from(text, 'base64url').toString('latin1').split(' ')
  if (!isUid(studyInstanceUid) || !/^\d{1,15}$/.test(time ?? ''))
    throw new BadRequest('`after` is not the `next` of a page')
  return { lastReceivedAt: new Date(Number(time)), studyInstanceUid }
}
