import { UnreadableInstance } from '../errors.ts'
import { toCharacterSet } from './character-set.ts'
import type { DicomJson, DicomJsonElement } from './dataset.ts'
import { implicitVr } from './dictionary.ts'
import type { ElementHeader, Encoding } from './element-header.ts'
import {
  ITEM,
  ITEM_END,
  MAXIMUM_DEPTH,
  SEQUENCE_END,
  UNDEFINED_LENGTH,
  isPixelData,
  readElementHeader,
} from './element-header.ts'
import { toElement } from './element-value.ts'

// A megabyte of empty elements would cost a hundred of objects.
const MAXIMUM_ELEMENTS = 100_000
const IMPLICIT: Encoding = { explicit: false, bigEndian: false }

interface Scope {
  readonly encoding: Encoding
  readonly end: number
  readonly depth: number
  characterSet: string | undefined
  signed: boolean
}

/**
 * Reads a data set, up to its pixel data, as the DICOM JSON Model (PS3.18 F.2).
 * `prefix` may end inside bulk data of the top level, which is then left out with what follows.
 * Throws UnreadableInstance on nesting over 32 levels, lengths past the end, unknown VRs.
 */
export function readDicomJson(prefix: Buffer, start: number, encoding: Encoding): DicomJson {
  let offset = start
  let count = 0

  function readScope(scope: Scope, untilItemEnd: boolean): DicomJson {
    const header: Record<string, DicomJsonElement> = {}
    while (offset < scope.end) {
      // Fewer bytes than an element needs are padding, as a lost multipart boundary leaves it.
      if (scope.depth === 0 && scope.end - offset < 8) break
      const element = readElementHeader(prefix, offset, scope.encoding)
      if (element.tag === ITEM_END && untilItemEnd) {
        offset += element.size
        return header
      }
      if (scope.depth === 0 && (isPixelData(element.tag) || element.tag > '7FE00010')) break
      if ((count += 1) > MAXIMUM_ELEMENTS) throw new UnreadableInstance('The header has too many elements')
      const vr = vrOf(element, scope)
      if (scope.depth === 0 && isBulk(vr, element, prefix.length - offset)) break
      offset += element.size
      const value = readValue(element, vr, scope)
      if (!element.tag.endsWith('0000')) header[element.tag] = value
      note(element.tag, value, scope)
    }
    if (untilItemEnd) throw new UnreadableInstance('An item does not end')
    return header
  }

  function readValue(element: ElementHeader, vr: string, scope: Scope): DicomJsonElement {
    const end = element.length === UNDEFINED_LENGTH ? scope.end : offset + element.length
    if (end > scope.end) throw new UnreadableInstance(`Element ${element.tag} is longer than what holds it`)
    if (vr === 'SQ') return readItems(element, end, scope)
    if (element.length === UNDEFINED_LENGTH) throw new UnreadableInstance(`Element ${element.tag} has no length`)
    const bytes = prefix.subarray(offset, end)
    offset = end
    if (element.tag === '00080005') return toElement('CS', bytes, scope.encoding.bigEndian)
    return toElement(vr, bytes, scope.encoding.bigEndian, scope.characterSet)
  }

  function readItems(element: ElementHeader, end: number, scope: Scope): DicomJsonElement {
    if (scope.depth >= MAXIMUM_DEPTH) throw new UnreadableInstance(`Sequences are nested over ${MAXIMUM_DEPTH} levels`)
    const undefinedLength = element.length === UNDEFINED_LENGTH
    // A sequence under VR UN is implicit little endian whatever surrounds it (PS3.5 6.2.2).
    const encoding = element.vr === 'UN' ? IMPLICIT : scope.encoding
    const items: DicomJson[] = []
    while (offset < end) {
      const item = readElementHeader(prefix, offset, encoding)
      offset += item.size
      if (item.tag === SEQUENCE_END && undefinedLength) return sequence(items)
      if (item.tag !== ITEM) throw new UnreadableInstance(`Sequence ${element.tag} holds something that is no item`)
      if ((count += 1) > MAXIMUM_ELEMENTS) throw new UnreadableInstance('The header has too many elements')
      const open = item.length === UNDEFINED_LENGTH
      const itemEnd = open ? end : offset + item.length
      if (itemEnd > end) throw new UnreadableInstance(`An item of ${element.tag} is longer than its sequence`)
      items.push(readScope({ ...scope, encoding, end: itemEnd, depth: scope.depth + 1 }, open))
    }
    if (undefinedLength) throw new UnreadableInstance(`Sequence ${element.tag} does not end`)
    return sequence(items)
  }

  return readScope({ encoding, end: prefix.length, depth: 0, characterSet: undefined, signed: false }, false)
}

const sequence = (items: readonly DicomJson[]): DicomJsonElement =>
  items.length === 0 ? { vr: 'SQ' } : { vr: 'SQ', Value: items }

function vrOf({ tag, vr, length }: ElementHeader, scope: Scope): string {
  if (vr === 'UN' && length === UNDEFINED_LENGTH) return 'SQ'
  if (vr !== '') return vr
  const known = implicitVr(tag, scope.signed)
  return known === 'UN' && length === UNDEFINED_LENGTH ? 'SQ' : known
}

/** Bulk that runs past the prefix; the check of the whole file says whether it is there. */
const isBulk = (vr: string, { size, length }: ElementHeader, left: number): boolean =>
  (vr.startsWith('O') || vr === 'UN') && length !== UNDEFINED_LENGTH && size + length > left

function note(tag: string, { Value }: DicomJsonElement, scope: Scope): void {
  if (tag === '00080005') {
    const terms = (Value ?? []).map((value) => (typeof value === 'string' ? value : ''))
    scope.characterSet = toCharacterSet(terms.join('\\'))
  }
  if (tag === '00280103') scope.signed = Value?.[0] === 1
}
