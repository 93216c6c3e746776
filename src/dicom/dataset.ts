/**
 * A header in the DICOM JSON Model (PS3.18 F.2): tag as eight upper-case hexadecimal digits → element.
 * Text is Unicode already; pixel data is never in it, other bulk only as BulkDataURI or InlineBinary.
 */
export type DicomJson = Readonly<Record<string, DicomJsonElement>>

export interface DicomJsonElement {
  readonly vr: string
  readonly Value?: readonly unknown[]
  readonly BulkDataURI?: string
  readonly InlineBinary?: string
}

/** A naturalised dataset: PS3.6 keyword → value (a list where the value multiplicity asks for it), sequences as lists. */
export type Dataset = Readonly<Record<string, unknown>>
