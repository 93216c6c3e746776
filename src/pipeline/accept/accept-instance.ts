import { checkFileStructure } from '../../dicom/file-structure.ts'
import type { InstanceHeader } from '../../dicom/part10-header.ts'
import { UnknownTransferSyntax, readFileMeta, readHeader } from '../../dicom/part10-header.ts'
import { isStorageSopClass } from '../../dicom/sop-class.ts'
import { isUid } from '../../dicom/uid.ts'
import { ArchiveUnavailable, ServiceError, UnreadableInstance } from '../../errors.ts'
import type { Incoming, InstanceArchive } from '../archive/instance-archive.ts'
import type { FailureReason } from './failure-reason.ts'

export interface ReceivedInstance extends InstanceHeader {
  readonly sha256: string
  readonly sizeBytes: number
  readonly receivedAt: Date
}

/** REFUSED: the SOP Instance UID is known in another study, or with another patient and other bytes. */
export type Registration =
  | { readonly outcome: 'STORED' | 'DUPLICATE' | 'REVISED' }
  | { readonly outcome: 'REFUSED'; readonly reason: 'OTHER_STUDY' | 'OTHER_PATIENT' }

export interface AcceptDeps {
  readonly archive: InstanceArchive
  /** Enters the instance in the record; the bytes are on disk already. */
  readonly register: (instance: ReceivedInstance) => Promise<Registration>
  readonly now: () => Date
}

export interface AcceptOptions {
  /** The study that the address names. */
  readonly studyInstanceUid?: string | undefined
  /** False when the sender's framing did not show that the bytes are all there; asked after the last byte. */
  readonly isWhole?: () => boolean
}

export type Acceptance =
  | {
      readonly kind: 'stored'
      readonly outcome: 'STORED' | 'DUPLICATE' | 'REVISED'
      readonly instance: ReceivedInstance
    }
  | {
      readonly kind: 'refused'
      readonly reason: FailureReason
      /** For people; carries no patient attribute. */
      readonly comment: string
      readonly sopClassUid?: string
      readonly sopInstanceUid?: string
      /** What failed here and not in the instance: for the log, and never for the sender. */
      readonly cause?: unknown
    }

/**
 * The one way in, whatever protocol carried the bytes. Stored means: on disk, durable, and in the record.
 * A bad instance is an answer, not an error, and so is a fault of ours; only a failing body's own error passes through.
 */
export async function acceptInstance(
  deps: AcceptDeps,
  body: AsyncIterable<Uint8Array>,
  options: AcceptOptions = {},
): Promise<Acceptance> {
  let incoming: Incoming | undefined
  let known: { sopClassUid?: string; sopInstanceUid?: string } = {}
  const refuse = (reason: FailureReason, comment: string, cause?: unknown): Acceptance => ({
    kind: 'refused',
    reason,
    comment,
    ...known,
    ...(cause !== undefined && { cause }),
  })
  try {
    incoming = await deps.archive.receive(body)
    known = uidsOfMeta(incoming.prefix)
    const header = readHeader(incoming.prefix)
    known = { sopClassUid: header.sopClassUid, sopInstanceUid: header.sopInstanceUid }
    if (options.studyInstanceUid !== undefined && header.studyInstanceUid !== options.studyInstanceUid) {
      return refuse('OTHER_STUDY', 'The instance belongs to another study than the address names')
    }
    if (!isStorageSopClass(header.sopClassUid))
      return refuse('SOP_CLASS_NOT_SUPPORTED', 'The SOP class is not supported')
    const { hasPixelData } = await checkFileStructure(incoming.temporaryPath, header)
    if (!hasPixelData && options.isWhole?.() === false)
      return refuse('CANNOT_UNDERSTAND', 'The body ended before its last boundary')
    const file = await deps.archive.keep(incoming, header)
    const instance: ReceivedInstance = { ...header, ...file, receivedAt: deps.now() }
    const registration = await register(deps, instance)
    // No row will ever name these bytes, and a record that is rebuilt from the archive must not find them.
    if (registration.outcome === 'REFUSED') await deps.archive.remove(header, file.sha256)
    return answerOf(registration, instance, refuse)
  } catch (error) {
    if (error instanceof UnknownTransferSyntax) return refuse('TRANSFER_SYNTAX_NOT_SUPPORTED', error.message)
    if (error instanceof UnreadableInstance) return refuse('CANNOT_UNDERSTAND', error.message)
    if (error instanceof ArchiveUnavailable)
      return refuse('OUT_OF_RESOURCES', 'The archive cannot take more for the moment', error)
    if (error instanceof ServiceError) throw error
    return refuse('PROCESSING', 'The instance could not be processed', error)
  } finally {
    // Kept bytes have another name by now, so this only removes what was refused.
    await incoming?.discard().catch(() => undefined)
  }
}

async function register(deps: AcceptDeps, instance: ReceivedInstance): Promise<Registration> {
  try {
    return await deps.register(instance)
  } catch (cause) {
    throw new ArchiveUnavailable('The record cannot be written', { cause })
  }
}

function answerOf(
  registration: Registration,
  instance: ReceivedInstance,
  refuse: (reason: FailureReason, comment: string) => Acceptance,
): Acceptance {
  if (registration.outcome !== 'REFUSED') return { kind: 'stored', outcome: registration.outcome, instance }
  return registration.reason === 'OTHER_STUDY'
    ? refuse('OTHER_STUDY', 'The SOP Instance UID is known in another study')
    : refuse('MISMATCH', 'The SOP Instance UID is known with another patient')
}

/** What the File Meta Information says of a data set that may not be readable. */
function uidsOfMeta(prefix: Uint8Array): { sopClassUid?: string; sopInstanceUid?: string } {
  try {
    const { mediaStorageSopClassUid, mediaStorageSopInstanceUid } = readFileMeta(
      Buffer.from(prefix.buffer, prefix.byteOffset, prefix.byteLength),
    )
    return {
      ...(isUid(mediaStorageSopClassUid) && { sopClassUid: mediaStorageSopClassUid }),
      ...(isUid(mediaStorageSopInstanceUid) && { sopInstanceUid: mediaStorageSopInstanceUid }),
    }
  } catch {
    return {} // Without them the refusal names no instance; what was wrong is found when the header is read.
  }
}
