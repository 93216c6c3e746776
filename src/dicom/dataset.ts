import { dictionaryRow } from './dictionary.ts'

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

/** Keywords for tags; elements that PS3.6 does not know (private ones too) are left out, empty ones are undefined. */
export function naturalise(header: DicomJson): Dataset {
  const dataset: Record<string, unknown> = {}
  for (const [tag, element] of Object.entries(header)) {
    const row = dictionaryRow(tag)
    if (row !== undefined) dataset[row.keyword] = naturalValue(element, row.vm)
  }
  return dataset
}

function naturalValue({ vr, Value, InlineBinary }: DicomJsonElement, vm: string): unknown {
  if (vr === 'SQ') return (Value ?? []).map((item) => naturalise(item as DicomJson))
  if (InlineBinary !== undefined) return Buffer.from(InlineBinary, 'base64')
  if (Value === undefined) return undefined
  return vm === '1' && Value.length === 1 ? Value[0] : Value
}
