import { readMediaType } from '../../dicom/media-type.ts'
import type { PartLimits } from '../../dicom/multipart-related.ts'
import { MalformedMultipart, splitParts } from '../../dicom/multipart-related.ts'
import { BadRequest } from '../../errors.ts'
import type { AcceptDeps, Acceptance } from './accept-instance.ts'
import { acceptInstance } from './accept-instance.ts'

// RFC 2046 5.1.1 ends at 70 characters; real senders do not always.
const LONGEST_BOUNDARY = 200

/**
 * Takes every instance of one request, one after the other, each with its own answer. Throws BadRequest when the
 * frame is broken before an instance was read; later the break is one more failed instance, for what came before is stored.
 */
export async function storeInstances(
  deps: AcceptDeps,
  body: AsyncIterable<Buffer>,
  request: {
    readonly contentType: string
    readonly studyInstanceUid?: string | undefined
    readonly limits: PartLimits
  },
): Promise<readonly Acceptance[]> {
  const { type, parameters } = readMediaType(request.contentType)
  const { studyInstanceUid } = request
  if (type === 'application/dicom') return [await acceptInstance(deps, body, { studyInstanceUid })]
  const boundary = parameters.get('boundary') ?? ''
  if (boundary === '' || boundary.length > LONGEST_BOUNDARY)
    throw new MalformedMultipart('The Content-Type names no usable boundary')
  const acceptances: Acceptance[] = []
  try {
    for await (const part of splitParts(body, boundary, request.limits)) {
      const partType = readMediaType(part.headers.get('content-type') ?? 'application/dicom').type
      if (partType === 'application/dicom')
        acceptances.push(await acceptInstance(deps, part.body, { studyInstanceUid, isWhole: part.isWhole }))
      else
        acceptances.push({ kind: 'refused', reason: 'CANNOT_UNDERSTAND', comment: 'The part is not application/dicom' })
    }
  } catch (error) {
    if (!(error instanceof MalformedMultipart) || acceptances.length === 0) throw error
    acceptances.push({ kind: 'refused', reason: 'CANNOT_UNDERSTAND', comment: error.message })
  }
  if (acceptances.length === 0) throw new BadRequest('The body holds no instance')
  return acceptances
}
