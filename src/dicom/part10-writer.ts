import { attributeOf, type DcmjsElement, type DcmjsElements, serialise } from './dcmjs-writer.ts'
import type { Dataset } from './dataset.ts'
import { conform } from './conform.ts'
import { EXPLICIT_LITTLE_ENDIAN } from './transfer-syntax.ts'
import { deriveUid } from './uid.ts'

/** Ours alone: another vendor's class UID would send every complaint to that vendor (PS3.7 D.3.3.2). */
export const IMPLEMENTATION_CLASS_UID: string = deriveUid('implementation class', 'Hilum')
export const IMPLEMENTATION_VERSION_NAME = 'HILUM_0_1'

const BINARY = new Set(['OB', 'OW', 'UN', 'OF', 'OD', 'OL', 'OV'])
const NUMBERS = new Set(['US', 'SS', 'UL', 'SL', 'FL', 'FD'])

/** Where the dictionary leaves the choice ("US or SS", "OB or OW"), the data set's own _vrMap decides. */
function vrOf(dataset: Dataset, keyword: string, dictionaryVr: string): string {
  const chosen = (dataset['_vrMap'] as Record<string, string> | undefined)?.[keyword]
  if (chosen !== undefined) return chosen
  if (dictionaryVr === 'xs') return 'US'
  return dictionaryVr === 'ox' || dictionaryVr === 'lt' ? 'OW' : dictionaryVr
}

function nameText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const { Alphabetic, Ideographic, Phonetic } = value as Record<string, string | undefined>
  return [Alphabetic ?? '', Ideographic ?? '', Phonetic ?? ''].join('=').replace(/=+$/, '')
}

function toBuffer(value: unknown, keyword: string): ArrayBuffer {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${keyword}: bytes expected`)
  const even = new Uint8Array(value.byteLength + (value.byteLength % 2))
  even.set(value)
  return even.buffer
}

/** Empty is [] : an element of no length; only undefined leaves the element out. */
function values(vr: string, value: unknown, keyword: string): unknown[] {
  const list: readonly unknown[] = value === null || value === '' ? [] : Array.isArray(value) ? value : [value]
  if (vr === 'SQ') return list.map((item) => toElements(item as Dataset))
  if (BINARY.has(vr)) return list.map((bytes) => toBuffer(bytes, keyword))
  if (NUMBERS.has(vr)) {
    for (const number of list) if (!Number.isFinite(number)) throw new TypeError(`${keyword}: a finite number expected`)
    return [...list]
  }
  const texts = list.map((text) => conform(vr, vr === 'PN' ? nameText(text) : String(text)))
  return texts.every((text) => text === '') ? [] : texts
}

function toElements(dataset: Dataset): DcmjsElements {
  const elements: [string, DcmjsElement][] = []
  for (const [keyword, value] of Object.entries(dataset)) {
    if (value === undefined || keyword === '_vrMap') continue
    const attribute = attributeOf(keyword)
    if (attribute === undefined) throw new TypeError(`${keyword} is no keyword of PS3.6`)
    const vr = vrOf(dataset, keyword, attribute.vr)
    elements.push([attribute.tag, { vr, Value: values(vr, value, keyword) }])
  }
  elements.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(elements)
}

/**
 * A naturalised data set as a Part 10 file (PS3.10 7.1), Explicit VR Little Endian. Text is Unicode and written as
 * UTF-8, so the data set must say ISO_IR 192. Undefined omits an attribute; null, '' and [] write it empty.
 * The order of the keys does not matter, and the same data set gives the same bytes.
 */
export function writePart10(dataset: Dataset): Uint8Array {
  const meta = toElements({
    FileMetaInformationVersion: Uint8Array.of(0, 1),
    MediaStorageSOPClassUID: dataset['SOPClassUID'],
    MediaStorageSOPInstanceUID: dataset['SOPInstanceUID'],
    TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
    ImplementationClassUID: IMPLEMENTATION_CLASS_UID,
    ImplementationVersionName: IMPLEMENTATION_VERSION_NAME,
  })
  return serialise(meta, toElements(dataset))
}
