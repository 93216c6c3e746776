import { XMLParser } from 'fast-xml-parser'

/** What a Store Instances response says of single instances (PS3.18 10.5.3), by SOP Instance UID. */
export interface StoreAnswer {
  /** Stored; the value is the WarningReason, if there is one (B000 coerced, B006 elements discarded, B007 no match). */
  readonly stored: ReadonlyMap<string, number | undefined>
  /** Not stored; the value is the FailureReason. */
  readonly failed: ReadonlyMap<string, number | undefined>
}

const FAILED_SOP_SEQUENCE = '00081198'
const REFERENCED_SOP_SEQUENCE = '00081199'
const REFERENCED_SOP_INSTANCE_UID = '00081155'
const WARNING_REASON = '00081196'
const FAILURE_REASON = '00081197'

/** Reads an answer in JSON or XML, whatever its Content-Type claims. Undefined: the body says nothing readable. */
export function readStoreAnswer(body: string): StoreAnswer | undefined {
  const text = body.trim()
  const data = text.startsWith('<') ? fromXml(text) : fromJson(text)
  if (data.length === 0) return undefined
  return {
    stored: reasons(data, REFERENCED_SOP_SEQUENCE, WARNING_REASON),
    failed: reasons(data, FAILED_SOP_SEQUENCE, FAILURE_REASON),
  }
}

/** Tag → values, sequences as lists of the same. */
type Items = ReadonlyMap<string, readonly unknown[]>

function reasons(data: readonly Items[], sequence: string, reason: string): Map<string, number | undefined> {
  const items = data.flatMap((it) => it.get(sequence) ?? []).filter((it) => it instanceof Map)
  return new Map(
    items.map((item: Items) => {
      const [uid] = item.get(REFERENCED_SOP_INSTANCE_UID) ?? []
      const [value] = item.get(reason) ?? []
      return [trimmed(uid), value === undefined || value === null ? undefined : Number(value)]
    }),
  )
}

/** UIDs are padded with NUL, and by some archives with spaces (PS3.5 9.1). */
function trimmed(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll('\0', '').trim() : ''
}

function fromJson(text: string): readonly Items[] {
  try {
    const parsed: unknown = JSON.parse(text)
    return (Array.isArray(parsed) ? parsed : [parsed]).filter(isRecord).map(jsonItems)
  } catch {
    return [] // Not JSON: the answer says nothing of instances, and the caller asks in another way.
  }
}

function jsonItems(data: Record<string, unknown>): Items {
  return new Map(
    Object.entries(data).map(([tag, element]) => {
      const values = isRecord(element) && Array.isArray(element['Value']) ? element['Value'] : []
      return [tag.toUpperCase(), values.map((it: unknown) => (isRecord(it) ? jsonItems(it) : it))]
    }),
  )
}

/** The Native DICOM Model (PS3.19 A.1). Entities are not expanded: the answer of a peer is hostile until read. */
function fromXml(text: string): readonly Items[] {
  try {
    const list = ['DicomAttribute', 'Item', 'Value']
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      parseTagValue: false,
      processEntities: false,
      removeNSPrefix: true,
      isArray: (name) => list.includes(name),
    })
    const parsed: unknown = parser.parse(text)
    const model = isRecord(parsed) ? parsed['NativeDicomModel'] : undefined
    return isRecord(model) ? [xmlItems(model)] : []
  } catch {
    return [] // Not XML either.
  }
}

function xmlItems(model: Record<string, unknown>): Items {
  return new Map(
    records(model['DicomAttribute']).map((attribute) => {
      const values = Array.isArray(attribute['Value']) ? attribute['Value'] : []
      const texts = values.map((it: unknown) => (isRecord(it) ? it['#text'] : it))
      return [String(attribute['@tag']).toUpperCase(), [...records(attribute['Item']).map(xmlItems), ...texts]]
    }),
  )
}

function records(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
