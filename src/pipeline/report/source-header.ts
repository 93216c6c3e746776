import type { Dataset, DicomJson, DicomJsonElement } from '../../dicom/dataset.ts'
import { attributeOf, keywordOf } from '../../dicom/dcmjs-writer.ts'

function element(header: DicomJson, keyword: string): DicomJsonElement | undefined {
  const attribute = attributeOf(keyword)
  return attribute && header[attribute.tag]
}

function toValue(from: DicomJsonElement): unknown {
  if (from.InlineBinary !== undefined) return new Uint8Array(Buffer.from(from.InlineBinary, 'base64'))
  const values = from.Value ?? []
  if (from.vr === 'SQ') return values.map((item) => toDataset(item as DicomJson))
  // an empty value in the middle of a list is null in the JSON model (PS3.18 F.2.5)
  return values.map((value) => value ?? '')
}

/** Without private and unknown attributes, and without bulk data that is not at hand. */
function toDataset(elements: DicomJson): Dataset {
  const dataset: Record<string, unknown> = {}
  const vrMap: Record<string, string> = {}
  for (const [tag, from] of Object.entries(elements)) {
    const keyword = keywordOf(tag)
    if (keyword === undefined || from.BulkDataURI !== undefined) continue
    dataset[keyword] = toValue(from)
    if (from.vr === 'US' || from.vr === 'SS') vrMap[keyword] = from.vr
  }
  return Object.keys(vrMap).length > 0 ? { ...dataset, _vrMap: vrMap } : dataset
}

/** The attributes of that name that the source has, as they are; Type 3 of what we write. */
export function copied(header: DicomJson, keywords: readonly string[]): Dataset {
  const found: Record<string, DicomJsonElement> = {}
  for (const keyword of keywords) {
    const from = element(header, keyword)
    const attribute = attributeOf(keyword)
    if (from && attribute && ((from.Value?.length ?? 0) > 0 || from.InlineBinary)) found[attribute.tag] = from
  }
  return toDataset(found)
}

/** Type 2: empty when the source has none, and never an invented value. */
export function copiedOrEmpty(header: DicomJson, keywords: readonly string[]): Dataset {
  return { ...Object.fromEntries(keywords.map((keyword) => [keyword, ''])), ...copied(header, keywords) }
}

export function sourceItems(header: DicomJson, keyword: string): readonly Dataset[] {
  const from = element(header, keyword)
  return from?.vr === 'SQ' ? (from.Value ?? []).map((item) => toDataset(item as DicomJson)) : []
}

export function sourceTexts(header: DicomJson, keyword: string): readonly string[] {
  return (element(header, keyword)?.Value ?? []).map((value) =>
    typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '',
  )
}

export function sourceText(header: DicomJson, keyword: string): string | undefined {
  return sourceTexts(header, keyword)[0] || undefined
}

/** Numbers, of a DS or IS in text too; what is none is NaN. */
export function sourceNumbers(header: DicomJson, keyword: string): readonly number[] {
  return sourceTexts(header, keyword).map((value) => (value === '' ? Number.NaN : Number(value)))
}
