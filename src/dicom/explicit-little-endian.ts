import { inflateRawSync } from 'node:zlib'
import { UndecodablePixels, UnreadableInstance } from '../errors.ts'
import { implicitVr } from './dictionary.ts'
import type { Encoding } from './element-header.ts'
import {
  ITEM,
  ITEM_END,
  LONG_VRS,
  MAXIMUM_DEPTH,
  SEQUENCE_END,
  UNDEFINED_LENGTH,
  readElementHeader,
} from './element-header.ts'
import { readFileMeta } from './part10-header.ts'
import { EXPLICIT_LITTLE_ENDIAN, TRANSFER_SYNTAXES } from './transfer-syntax.ts'

const META: Encoding = { explicit: true, bigEndian: false }
const IMPLICIT: Encoding = { explicit: false, bigEndian: false }
const INFLATED_LIMIT_BYTES = 1 << 30
const WORD_BYTES: Readonly<{ [vr: string]: 2 | 4 | 8 }> = {
  ...{ US: 2, SS: 2, OW: 2, AT: 2, UL: 4, SL: 4, FL: 4, OF: 4, OL: 4 },
  ...{ FD: 8, OD: 8, OV: 8, SV: 8, UV: 8 },
}

/**
 * A file of any native transfer syntax as Explicit VR Little Endian, its values untouched (PS3.5 A.2).
 * Throws UndecodablePixels for an encapsulated one, UnreadableInstance for a file that contradicts itself.
 */
export function toExplicitLittleEndian(file: Buffer): Buffer {
  const { transferSyntaxUid, dataSetStart } = readFileMeta(file)
  const syntax = TRANSFER_SYNTAXES.get(transferSyntaxUid)
  if (syntax === undefined || syntax.encapsulated)
    throw new UndecodablePixels('The transfer syntax is not a native one')
  const written = file.subarray(dataSetStart)
  const dataSet = syntax.deflated ? inflateRawSync(written, { maxOutputLength: INFLATED_LIMIT_BYTES }) : written
  const asItIs = syntax.explicit && !syntax.bigEndian
  const meta = withTransferSyntax(file.subarray(0, dataSetStart), EXPLICIT_LITTLE_ENDIAN)
  return Buffer.concat([meta, ...(asItIs ? [dataSet] : rewrite(dataSet, syntax))])
}

/** Preamble and File Meta Information with another TransferSyntaxUID (PS3.10 7.1). */
export function withTransferSyntax(head: Buffer, transferSyntaxUid: string): Buffer {
  const elements: Buffer[] = []
  for (let offset = 132; offset < head.length;) {
    const { tag, length, size } = readElementHeader(head, offset, META)
    const end = offset + size + length
    if (tag === '00020010') elements.push(uidElement(tag, transferSyntaxUid))
    else if (tag !== '00020000') elements.push(head.subarray(offset, end))
    offset = end
  }
  const length = Buffer.alloc(4)
  length.writeUInt32LE(elements.reduce((sum, { length: bytes }) => sum + bytes, 0))
  return Buffer.concat([head.subarray(0, 132), elementHeader('00020000', 'UL', 4), length, ...elements])
}

/** An element's header in Explicit VR Little Endian. */
export function elementHeader(tag: string, vr: string, length: number): Buffer {
  // A value too long for its VR's 16 bits goes as UN (PS3.5 6.2.2).
  const written = LONG_VRS.has(vr) || length <= 0xffff ? vr : 'UN'
  const long = LONG_VRS.has(written)
  const header = Buffer.alloc(long ? 12 : 8)
  header.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0)
  header.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2)
  header.write(written, 4, 'latin1')
  if (long) header.writeUInt32LE(length, 8)
  else header.writeUInt16LE(length, 6)
  return header
}

function uidElement(tag: string, uid: string): Buffer {
  const value = Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1')
  return Buffer.concat([elementHeader(tag, 'UI', value.length), value])
}

/** Sequences and items come out with undefined length: so nothing has to be measured twice. */
function rewrite(bytes: Buffer, syntax: Encoding): readonly Buffer[] {
  const out: Buffer[] = []
  let offset = 0
  let signed = false

  function rewriteScope(encoding: Encoding, end: number, open: boolean, depth: number): void {
    while (offset < end && (open || end - offset >= 8)) {
      const element = readElementHeader(bytes, offset, encoding)
      offset += element.size
      if (element.tag === ITEM_END && open) return
      const undefinedLength = element.length === UNDEFINED_LENGTH
      const vr = element.vr === '' ? implicitVr(element.tag, signed) : element.vr
      const valueEnd = undefinedLength ? end : offset + element.length
      if (valueEnd > end) throw new UnreadableInstance(`Element ${element.tag} is longer than what holds it`)
      if (vr === 'SQ' || (vr === 'UN' && undefinedLength)) {
        out.push(elementHeader(element.tag, 'SQ', UNDEFINED_LENGTH))
        rewriteItems(element.vr === 'UN' ? IMPLICIT : encoding, valueEnd, undefinedLength, depth + 1)
        out.push(delimiter(SEQUENCE_END, 0))
      } else {
        if (undefinedLength) throw new UnreadableInstance(`Element ${element.tag} has no length`)
        const value = encoding.bigEndian
          ? swapped(bytes.subarray(offset, valueEnd), vr)
          : bytes.subarray(offset, valueEnd)
        if (element.tag === '00280103') signed = value[0] === 1
        if (!element.tag.endsWith('0000')) out.push(elementHeader(element.tag, vr, value.length), value)
        offset = valueEnd
      }
    }
  }

  function rewriteItems(encoding: Encoding, end: number, open: boolean, depth: number): void {
    if (depth > MAXIMUM_DEPTH) throw new UnreadableInstance(`Sequences are nested over ${MAXIMUM_DEPTH} levels`)
    while (offset < end) {
      const item = readElementHeader(bytes, offset, encoding)
      offset += item.size
      if (item.tag === SEQUENCE_END && open) return
      if (item.tag !== ITEM) throw new UnreadableInstance('A sequence holds something that is no item')
      const openItem = item.length === UNDEFINED_LENGTH
      const itemEnd = openItem ? end : offset + item.length
      if (itemEnd > end) throw new UnreadableInstance('An item is longer than its sequence')
      out.push(delimiter(ITEM, UNDEFINED_LENGTH))
      rewriteScope(encoding, itemEnd, openItem, depth)
      out.push(delimiter(ITEM_END, 0))
    }
  }

  rewriteScope(syntax, bytes.length, false, 0)
  return out
}

function delimiter(tag: string, length: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0)
  bytes.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2)
  bytes.writeUInt32LE(length, 4)
  return bytes
}

function swapped(value: Buffer, vr: string): Buffer {
  const size = WORD_BYTES[vr]
  if (size === undefined || value.length % size !== 0) return value
  const copy = Buffer.from(value)
  if (size === 2) return copy.swap16()
  return size === 4 ? copy.swap32() : copy.swap64()
}
