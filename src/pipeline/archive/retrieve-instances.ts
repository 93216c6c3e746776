import { open } from 'node:fs/promises'
import type { Acceptable } from '../../dicom/accept.ts'
import { isWithin } from '../../dicom/accept.ts'
import { EXPLICIT_LITTLE_ENDIAN } from '../../dicom/transfer-syntax.ts'
import { ArchiveUnavailable, NotAcceptable, UndecodablePixels } from '../../errors.ts'
import type { StoredInstance } from '../../record/retrieve.ts'
import { retrieveUrl } from './dicom-web-address.ts'
import type { AnswerPart } from './multipart-answer.ts'
import { multipartAnswer } from './multipart-answer.ts'
import type { RetrieveAnswer, RetrieveRequest, WadoRsOptions } from './retrieve-request.ts'

const DICOM = 'application/dicom'

/** How an instance is given: as it is stored, or decompressed; insisted = or not at all. */
interface Encoding {
  readonly as: 'stored' | 'explicit-little-endian'
  readonly insisted: boolean
}

/**
 * Whole instances (PS3.18 10.4.1.1.1). A client that names no transfer syntax gets Explicit VR Little Endian, the
 * default of PS3.18 8.7.3.5.2, and the stored bytes where pixels cannot be decoded: the part says which.
 */
export async function retrieveInstances(request: RetrieveRequest, deps: WadoRsOptions): Promise<RetrieveAnswer> {
  const { instances, base } = request
  const wanted = request.accept.filter(
    (it) => isWithin(DICOM, it.mediaType) && (it.multipart !== false || instances.length === 1),
  )
  const encodings = instances.map((instance) => encodingOf(instance, wanted))
  const [only] = instances
  if (only !== undefined && wanted[0]?.multipart === false) {
    const { contentType, body, contentLength } = await toPart(only, encodings[0], deps, base)
    return { contentType, body: Symbol.asyncIterator in body ? body : Buffer.from(body), contentLength }
  }
  async function* parts(): AsyncGenerator<AnswerPart> {
    for (const [at, instance] of instances.entries()) yield toPart(instance, encodings[at], deps, base)
  }
  return multipartAnswer(DICOM, parts())
}

function encodingOf({ transferSyntaxUid }: StoredInstance, wanted: readonly Acceptable[]): Encoding {
  for (const { transferSyntaxUid: asked } of wanted) {
    if (asked === '*' || asked === transferSyntaxUid) return { as: 'stored', insisted: false }
    if (transferSyntaxUid === EXPLICIT_LITTLE_ENDIAN && asked === undefined) return { as: 'stored', insisted: false }
    if (asked === undefined || asked === EXPLICIT_LITTLE_ENDIAN)
      return { as: 'explicit-little-endian', insisted: asked !== undefined }
  }
  throw new NotAcceptable('Instances are application/dicom, as stored or in Explicit VR Little Endian')
}

async function toPart(
  instance: StoredInstance,
  encoding: Encoding | undefined,
  { archive, pictures }: WadoRsOptions,
  base: string,
) {
  const path = archive.pathOf(instance, instance.sha256)
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, transferSyntaxUid } = instance
  const location = retrieveUrl(base, studyInstanceUid, seriesInstanceUid, sopInstanceUid)
  const typeOf = (uid: string): string => `${DICOM};transfer-syntax=${uid}`
  if (encoding?.as === 'explicit-little-endian') {
    const body = await pictures.explicitLittleEndian(path).catch((error: unknown) => {
      if (!(error instanceof UndecodablePixels)) throw error
      if (encoding.insisted) throw new NotAcceptable('The pixels cannot be decoded', { cause: error })
      return undefined
    })
    if (body !== undefined)
      return { contentType: typeOf(EXPLICIT_LITTLE_ENDIAN), location, body, contentLength: body.length }
  }
  return {
    contentType: typeOf(transferSyntaxUid),
    location,
    body: await stream(path),
    contentLength: instance.sizeBytes,
  }
}

/** The file is open when this resolves: its bytes are there to be sent. */
async function stream(path: string) {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new ArchiveUnavailable('The file of the instance is not in the archive', { cause })
  })
  return file.createReadStream()
}
