import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isUid, type SopInstanceUid, type StudyInstanceUid } from '../dicom/uid.ts'
import { BadRequest, NotFound } from '../errors.ts'
import type { InstanceArchive } from '../pipeline/archive/instance-archive.ts'
import { modelOf, type ReportModel } from '../pipeline/report/report-input.ts'
import type { Pictures } from '../pipeline/archive/pictures.ts'
import { viewStudy } from '../record/study-view.ts'
import type { Record } from '../record/record.ts'

export interface OverlayOptions {
  readonly record: Record
  readonly archive: InstanceArchive
  readonly pictures: Pictures
  /** The models that are loaded, whose status the footer names. */
  readonly models: readonly ReportModel[]
}

const Query = Type.Object({
  size: Type.Optional(
    Type.Integer({
      minimum: 64,
      maximum: 8192,
      description: 'Longest side of the picture, in pixels; without it as large as the image.',
    }),
  ),
})

/** The radiograph with its regions, as the GSPS says, for people and systems without a DICOM viewer. */
export const overlay: FastifyPluginAsyncTypebox<OverlayOptions> = async (
  server,
  { record, archive, pictures, models },
) => {
  server.get(
    '/studies/:studyInstanceUid/instances/:sopInstanceUid/overlay.png',
    {
      schema: {
        tags: ['studies'],
        summary: 'The radiograph with its regions drawn in',
        params: Type.Object({ studyInstanceUid: Type.String(), sopInstanceUid: Type.String() }),
        querystring: Query,
        produces: ['image/png'],
        response: { 400: Type.Ref('Problem'), 404: Type.Ref('Problem'), 422: Type.Ref('Problem') },
      },
    },
    async ({ params, query }, reply) => {
      const { studyInstanceUid, sopInstanceUid } = params
      if (!isUid(studyInstanceUid) || !isUid(sopInstanceUid)) throw new BadRequest('a UID of the address is not a UID')
      const view = await viewStudy(record, studyInstanceUid)
      const image = view?.images.find((candidate) => candidate.sopInstanceUid === sopInstanceUid)
      if (!image) throw new NotFound('no such image in the study')
      const path = archive.pathOf(
        { studyInstanceUid: studyInstanceUid as StudyInstanceUid, sopInstanceUid: sopInstanceUid as SopInstanceUid },
        image.sha256,
      )
      const findings = image.analyses.flatMap((run) => run.findings)
      const picture = await pictures.overlay(path, findings, {
        models: image.analyses.map((run) => modelOf(models, run)),
        maximumSize: query.size,
      })
      return await reply.type('image/png').header('cache-control', 'no-cache').send(picture)
    },
  )
}
