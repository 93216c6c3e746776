/** What the caller may do about a failure; the edges (HTTP, STOW-RS answer, queue) translate it, nobody else. */
export type Remedy = 'fix-input' | 'retry-later' | 'call-an-operator'

/** The root of all failures that Hilum foresees. Messages carry no patient attribute. */
export abstract class ServiceError extends Error {
  abstract readonly code: string
  abstract readonly remedy: Remedy
  override get name(): string {
    return this.constructor.name
  }
}

/** Bytes that are no DICOM Part 10 file, or one that is truncated or contradicts itself. */
export class UnreadableInstance extends ServiceError {
  readonly code = 'UNREADABLE_INSTANCE'
  readonly remedy = 'fix-input'
}

/** Pixels whose transfer syntax or bit stream cannot be decoded. */
export class UndecodablePixels extends ServiceError {
  readonly code = 'UNDECODABLE_PIXELS'
  readonly remedy = 'fix-input'
}

/** A request that is malformed as a whole (query, body, header). */
export class BadRequest extends ServiceError {
  readonly code: string = 'BAD_REQUEST'
  readonly remedy = 'fix-input'
}

/** No such study, series, instance, frame or other resource. */
export class NotFound extends ServiceError {
  readonly code = 'NOT_FOUND'
  readonly remedy = 'fix-input'
}

/** None of the media types that the caller accepts can be made. */
export class NotAcceptable extends ServiceError {
  readonly code = 'NOT_ACCEPTABLE'
  readonly remedy = 'fix-input'
}

/** The archive (disk) or the record (database) cannot take more for the moment. */
export class ArchiveUnavailable extends ServiceError {
  readonly code = 'ARCHIVE_UNAVAILABLE'
  readonly remedy = 'retry-later'
}

/** A model package that cannot be used: manifest, hash, shape, label, execution provider. */
export class ModelUnusable extends ServiceError {
  readonly code = 'MODEL_UNUSABLE'
  readonly remedy = 'call-an-operator'
}
