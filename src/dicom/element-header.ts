import { UnreadableInstance } from '../errors.ts'

/** How elements are laid out (PS3.5 section 7.1). */
export interface Encoding {
  readonly explicit: boolean
  readonly bigEndian: boolean
}

/** One element's tag, VR ('' = implicit) and length; `size` is what the header itself takes, in bytes. */
export interface ElementHeader {
  readonly tag: string
  readonly vr: string
  readonly length: number
  readonly size: number
}

export const UNDEFINED_LENGTH = 0xffffffff
export const ITEM = 'FFFEE000'
export const ITEM_END = 'FFFEE00D'
export const SEQUENCE_END = 'FFFEE0DD'
/** The longest header of an element, in bytes. */
export const HEADER_BYTES = 12
export const MAXIMUM_DEPTH = 32

const SHORT = new Set([
  'AE',
  'AS',
  'AT',
  'CS',
  'DA',
  'DS',
  'DT',
  'FD',
  'FL',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'SL',
  'SS',
  'ST',
  'TM',
  'UI',
  'UL',
  'US',
])
/** The VRs whose length has 32 bits in explicit encodings (PS3.5 7.1.2). */
export const LONG_VRS: ReadonlySet<string> = new Set([
  'OB',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SQ',
  'SV',
  'UC',
  'UN',
  'UR',
  'UT',
  'UV',
])

/** Reads the header at `offset`; throws UnreadableInstance where the bytes end inside it or name a VR that is none. */
export function readElementHeader(bytes: Buffer, offset: number, { explicit, bigEndian }: Encoding): ElementHeader {
  const u16 = (at: number): number => (bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at))
  const u32 = (at: number): number => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at))
  const left = bytes.length - offset
  if (left < 8) throw new UnreadableInstance('The data set ends inside an element')
  const tag = ((u16(offset) * 0x10000 + u16(offset + 2)) >>> 0).toString(16).toUpperCase().padStart(8, '0')
  if (!explicit || tag.startsWith('FFFE')) return { tag, vr: '', length: u32(offset + 4), size: 8 }
  const vr = bytes.toString('latin1', offset + 4, offset + 6)
  if (SHORT.has(vr)) return { tag, vr, length: u16(offset + 6), size: 8 }
  if (!LONG_VRS.has(vr)) throw new UnreadableInstance(`The VR of element ${tag} is unknown`)
  if (left < 12) throw new UnreadableInstance('The data set ends inside an element')
  return { tag, vr, length: u32(offset + 8), size: 12 }
}

export const isPixelData = (tag: string): boolean => tag === '7FE00010' || tag === '7FE00009' || tag === '7FE00008'
