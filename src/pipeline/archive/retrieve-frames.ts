import type { Acceptable } from '../../dicom/accept.ts'
import { isWithin } from '../../dicom/accept.ts'
import { FRAME_MEDIA_TYPES } from '../../dicom/frame-media-type.ts'
import { EXPLICIT_LITTLE_ENDIAN } from '../../dicom/transfer-syntax.ts'
import { NotAcceptable, NotFound, UndecodablePixels } from '../../errors.ts'
import type { StoredInstance } from '../../record/retrieve.ts'
import { retrieveUrl } from './dicom-web-address.ts'
import type { AnswerPart } from './multipart-answer.ts'
import { multipartAnswer } from './multipart-answer.ts'
import type { RetrieveAnswer, RetrieveRequest, WadoRsOptions } from './retrieve-request.ts'

const NATIVE = 'application/octet-stream'

interface Representation {
  readonly mediaType: string
  readonly transferSyntaxUid: string
  readonly as: 'native' | 'stored'
}

/**
 * Frames of one instance (PS3.18 10.4.1.1.6): without compression as application/octet-stream, the default, or the
 * stored bit stream under its own media type. A client that asks for octets of any transfer syntax, as OHIF does, gets
 * the stored bit stream under that type, and learns from the part's transfer-syntax what it is.
 */
export async function retrieveFrames(
  request: RetrieveRequest,
  { archive, pictures }: WadoRsOptions,
): Promise<RetrieveAnswer> {
  const { instances, frames = [1], base } = request
  const [instance] = instances
  if (instance === undefined) throw new NotFound('There is no such instance')
  const wanted = request.accept
    .filter(({ multipart }) => multipart !== false || frames.length === 1)
    .flatMap((it) =>
      representationsOf(instance, it).map((representation) => ({ ...representation, multipart: it.multipart })),
    )
  const path = archive.pathOf(instance, instance.sha256)
  const address = retrieveUrl(base, instance.studyInstanceUid, instance.seriesInstanceUid, instance.sopInstanceUid)
  for (const { mediaType, transferSyntaxUid, as, multipart } of wanted) {
    const read = (frame: number): Promise<Buffer> =>
      as === 'native' ? pictures.nativeFrame(path, frame) : pictures.storedFrame(path, frame)
    const contentType = `${mediaType};transfer-syntax=${transferSyntaxUid}`
    async function* parts(): AsyncGenerator<AnswerPart> {
      for (const frame of frames) yield { contentType, location: `${address}/frames/${frame}`, body: await read(frame) }
    }
    try {
      if (multipart === false) return { contentType, body: await read(frames[0] ?? 1) }
      return await multipartAnswer(mediaType, parts())
    } catch (error) {
      // The next representation may need no decoding.
      if (!(error instanceof UndecodablePixels)) throw error
    }
  }
  throw new NotAcceptable('Frames are application/octet-stream or the media type of the stored transfer syntax')
}

/** The ways to answer one range of the Accept header, the best first. */
function representationsOf({ transferSyntaxUid }: StoredInstance, wanted: Acceptable): readonly Representation[] {
  const compressed = FRAME_MEDIA_TYPES.get(transferSyntaxUid)
  const asked = wanted.transferSyntaxUid
  const takesOctets = isWithin(NATIVE, wanted.mediaType)
  const native: Representation[] =
    takesOctets &&
    (asked === undefined || asked === EXPLICIT_LITTLE_ENDIAN || (asked === '*' && compressed === undefined))
      ? [{ mediaType: NATIVE, transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN, as: 'native' }]
      : []
  if (compressed === undefined || (asked !== undefined && asked !== '*' && asked !== transferSyntaxUid)) return native
  const mediaType = isWithin(compressed, wanted.mediaType) ? compressed : takesOctets ? NATIVE : undefined
  return mediaType === undefined ? native : [...native, { mediaType, transferSyntaxUid, as: 'stored' }]
}
