import { isWithin } from '../../dicom/accept.ts'
import { NotAcceptable, UndecodablePixels } from '../../errors.ts'
import { retrieveUrl } from './dicom-web-address.ts'
import type { AnswerPart } from './multipart-answer.ts'
import { multipartAnswer } from './multipart-answer.ts'
import { readRenderQuery } from './render-query.ts'
import type { RetrieveAnswer, RetrieveRequest, WadoRsOptions } from './retrieve-request.ts'

const MEDIA_TYPES = ['image/jpeg', 'image/png'] as const

/** Pictures for people (PS3.18 10.4.1.1.3): one by itself, several as parts. Instances without pixels are left out. */
export async function retrieveRendered(
  request: RetrieveRequest,
  { archive, pictures }: WadoRsOptions,
): Promise<RetrieveAnswer> {
  const { frames, base } = request
  const options = readRenderQuery(request.query)
  const views = request.instances
    .filter(({ hasPixels }) => hasPixels)
    .flatMap((instance) =>
      (frames ?? Array.from({ length: instance.numberOfFrames }, (_, at) => at + 1)).map((frame) => ({
        instance,
        frame,
      })),
    )
  const accepted = request.accept.flatMap(({ mediaType, multipart }) =>
    MEDIA_TYPES.filter((it) => isWithin(it, mediaType)).map((type) => ({ mediaType: type, multipart })),
  )
  const choice = accepted.find(({ multipart }) => multipart !== false || views.length === 1)
  const [only] = views
  if (only === undefined) throw new NotAcceptable('There are no pixels to render')
  if (choice === undefined)
    throw new NotAcceptable('Pictures are image/jpeg or image/png, several only as multipart/related')
  const { mediaType } = choice
  const draw = ({ instance, frame }: typeof only): Promise<Buffer> =>
    pictures.rendered(archive.pathOf(instance, instance.sha256), { ...options, mediaType, frame })

  async function* parts(): AsyncGenerator<AnswerPart> {
    for (const view of views) {
      const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = view.instance
      const location = `${retrieveUrl(base, studyInstanceUid, seriesInstanceUid, sopInstanceUid)}/frames/${view.frame}/rendered`
      yield { contentType: mediaType, location, body: await draw(view) }
    }
  }
  try {
    if (choice.multipart === true || views.length > 1) return await multipartAnswer(mediaType, parts())
    return { contentType: mediaType, body: await draw(only) }
  } catch (error) {
    if (error instanceof UndecodablePixels) throw new NotAcceptable('The pixels cannot be rendered', { cause: error })
    throw error
  }
}
