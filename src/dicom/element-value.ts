import type { DicomJsonElement } from './dataset.ts'
import { decodeText } from './character-set.ts'

const MULTI_TEXT = new Set(['LO', 'PN', 'SH', 'UC'])
const SINGLE_TEXT = new Set(['LT', 'ST', 'UT'])
const NUMBER_BYTES: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8, SV: 8, UV: 8, AT: 4 }
const SWAPPED: Readonly<Record<string, number>> = { OW: 2, OL: 4, OF: 4, OD: 8, OV: 8 }
const INLINE_LIMIT_BYTES = 256 * 1024

/** One value as an element of the DICOM JSON Model (PS3.18 F.2); longer bulk than 256 KiB is left out. */
export function toElement(vr: string, bytes: Buffer, bigEndian: boolean, characterSet?: string): DicomJsonElement {
  if (bytes.length === 0) return { vr }
  const size = NUMBER_BYTES[vr]
  if (size !== undefined) return { vr, Value: numbers(vr, bytes, size, bigEndian) }
  if (vr.startsWith('O') || vr === 'UN') return inline(vr, bytes, bigEndian)
  if (SINGLE_TEXT.has(vr)) return valued(vr, [trimEnd(decodeText(bytes, characterSet, vr))])
  const text = MULTI_TEXT.has(vr) ? decodeText(bytes, characterSet, vr) : bytes.toString('latin1')
  const values = vr === 'UR' ? [text] : text.split('\\')
  return valued(
    vr,
    values.map((value) => single(vr, value)),
  )
}

function valued(vr: string, values: readonly unknown[]): DicomJsonElement {
  const Value = values.map((value) => (value === '' ? null : value))
  return Value.every((value) => value === null) ? { vr } : { vr, Value }
}

function single(vr: string, value: string): unknown {
  const text = vr === 'UC' || vr === 'UR' ? trimEnd(value) : trim(value)
  if (vr === 'PN') return personName(text)
  if (vr !== 'DS' && vr !== 'IS') return text
  const number = Number(text)
  // A decimal string that is none stays as it was sent: PS3.18 F.2.3 allows a string there.
  return text !== '' && Number.isFinite(number) ? number : text
}

function personName(text: string): unknown {
  const groups = text.split('=')
  const [Alphabetic, Ideographic, Phonetic] = groups.map((group) => trim(group))
  if (!Alphabetic && !Ideographic && !Phonetic) return null
  return { ...(Alphabetic && { Alphabetic }), ...(Ideographic && { Ideographic }), ...(Phonetic && { Phonetic }) }
}

function numbers(vr: string, bytes: Buffer, size: number, bigEndian: boolean): unknown[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const little = !bigEndian
  const read = (at: number): unknown => {
    switch (vr) {
      case 'US':
        return view.getUint16(at, little)
      case 'SS':
        return view.getInt16(at, little)
      case 'UL':
        return view.getUint32(at, little)
      case 'SL':
        return view.getInt32(at, little)
      case 'FL':
        return finite(view.getFloat32(at, little))
      case 'FD':
        return finite(view.getFloat64(at, little))
      case 'SV':
        return String(view.getBigInt64(at, little))
      case 'UV':
        return String(view.getBigUint64(at, little))
      default:
        return hex(view.getUint16(at, little)) + hex(view.getUint16(at + 2, little))
    }
  }
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => read(index * size))
}

function inline(vr: string, bytes: Buffer, bigEndian: boolean): DicomJsonElement {
  if (bytes.length > INLINE_LIMIT_BYTES) return { vr }
  const size = bigEndian ? (SWAPPED[vr] ?? 1) : 1
  // InlineBinary is little endian whatever the file was (PS3.18 F.2.7).
  if (size === 1 || bytes.length % size !== 0) return { vr, InlineBinary: bytes.toString('base64') }
  const swapped = Buffer.from(bytes)
  if (size === 2) swapped.swap16()
  else if (size === 4) swapped.swap32()
  else swapped.swap64()
  return { vr, InlineBinary: swapped.toString('base64') }
}

// JSON has neither NaN nor Infinity.
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0')

/** Senders pad with NUL where the standard says space, and the other way round; the record's JSON can hold no NUL. */
function trimEnd(padded: string): string {
  const text = padded.replaceAll('\0', ' ')
  let end = text.length
  while (end > 0 && text[end - 1] === ' ') end -= 1
  return text.slice(0, end)
}

function trim(padded: string): string {
  const text = trimEnd(padded)
  let start = 0
  while (text[start] === ' ') start += 1
  return text.slice(start)
}
