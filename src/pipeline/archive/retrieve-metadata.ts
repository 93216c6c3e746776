import { Readable } from 'node:stream'
import { isWithin } from '../../dicom/accept.ts'
import type { DicomJson } from '../../dicom/dataset.ts'
import { TRANSFER_SYNTAXES } from '../../dicom/transfer-syntax.ts'
import { NotAcceptable } from '../../errors.ts'
import type { StoredInstance } from '../../record/retrieve.ts'
import { headersOf } from '../../record/retrieve.ts'
import { retrieveUrl } from './dicom-web-address.ts'
import type { RetrieveAnswer, RetrieveRequest, WadoRsOptions } from './retrieve-request.ts'

/** Headers that are held at once; one may be half a megabyte of lookup tables. */
const PAGE = 16

/** What is known of instances without their pixels (PS3.18 10.4.1.1.2). */
export async function retrieveMetadata(request: RetrieveRequest, { record }: WadoRsOptions): Promise<RetrieveAnswer> {
  const { instances, accept, base } = request
  const contentType = accept
    .flatMap(({ mediaType }) => ['application/dicom+json', 'application/json'].filter((it) => isWithin(it, mediaType)))
    .at(0)
  if (contentType === undefined) throw new NotAcceptable('Metadata is application/dicom+json')

  async function* write(): AsyncGenerator<Buffer> {
    let separator = '['
    for (let at = 0; at < instances.length; at += PAGE) {
      const page = instances.slice(at, at + PAGE)
      const headers = await headersOf(
        record,
        page.map(({ sopInstanceUid }) => sopInstanceUid),
      )
      for (const instance of page) {
        const metadata = toMetadata(instance, headers.get(instance.sopInstanceUid) ?? {}, base)
        yield Buffer.from(`${separator}${JSON.stringify(metadata)}`)
        separator = ','
      }
    }
    yield Buffer.from(']')
  }
  return { contentType, body: Readable.from(write(), { objectMode: false }) }
}

function toMetadata(instance: StoredInstance, header: DicomJson, base: string): DicomJson {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, transferSyntaxUid } = instance
  const address = retrieveUrl(base, studyInstanceUid, seriesInstanceUid, sopInstanceUid)
  const frames = Array.from({ length: instance.numberOfFrames }, (_, at) => at + 1).join(',')
  const isWide = Number(header['00280100']?.Value?.[0] ?? 16) > 8
  const vr = isWide && TRANSFER_SYNTAXES.get(transferSyntaxUid)?.encapsulated !== true ? 'OW' : 'OB'
  return {
    ...header,
    // The answer is UTF-8 whatever the instance was written in (PS3.18 F.2).
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00083002': { vr: 'UI', Value: [transferSyntaxUid] },
    ...(instance.hasPixels && { '7FE00010': { vr, BulkDataURI: `${address}/frames/${frames}` } }),
  }
}
