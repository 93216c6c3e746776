import { makeRadiograph } from './radiograph.ts'

const EXPLICIT_META_END = (file: Buffer): number => 144 + file.readUInt32LE(140)

/** The file with `insert` at the start of its data set: for elements that no writer would write. */
export function withDataSet(insert: Buffer): Buffer {
  const { bytes } = makeRadiograph()
  const end = EXPLICIT_META_END(bytes)
  return Buffer.concat([bytes.subarray(0, end), insert, bytes.subarray(end)])
}

/** Sequences in sequences, all of undefined length: 20 bytes a level (DCMTK IC-0003). */
export const nestedBytes = (levels: number): Buffer =>
  Buffer.concat(
    Array.from({ length: levels }, () => Buffer.from('0800401153510000ffffffff' + 'feff00e0ffffffff', 'hex')),
  )

/** An explicit element with whatever length it claims. */
export function element(tag: number, vr: string, length: number, value = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16LE(tag >>> 16, 0)
  header.writeUInt16LE(tag & 0xffff, 2)
  header.write(vr, 4, 'latin1')
  if (!['OB', 'OW', 'UN', 'SQ', 'UT'].includes(vr)) {
    header.writeUInt16LE(length & 0xffff, 6)
    return Buffer.concat([header, value])
  }
  const long = Buffer.alloc(4)
  long.writeUInt32LE(length)
  return Buffer.concat([header, long, value])
}

/** The file under another transfer syntax UID, its bytes as they were. */
export function relabelled(transferSyntaxUid: string): Buffer {
  const { bytes } = makeRadiograph()
  const value = Buffer.from(transferSyntaxUid.padEnd(Math.ceil(transferSyntaxUid.length / 2) * 2, '\0'), 'latin1')
  const meta = Buffer.concat([element(0x00020010, 'UI', value.length, value)])
  const groupLength = Buffer.alloc(4)
  groupLength.writeUInt32LE(meta.length)
  return Buffer.concat([
    bytes.subarray(0, 132),
    element(0x00020000, 'UL', 4, groupLength),
    meta,
    bytes.subarray(EXPLICIT_META_END(bytes)),
  ])
}

/** The file as encapsulated pixel data: an offset table, the fragments given, and a delimiter unless left out. */
export function encapsulated(
  transferSyntaxUid: string,
  fragments: readonly Buffer[],
  options: { delimiter?: boolean } = {},
): Buffer {
  const file = relabelled(transferSyntaxUid)
  const at = file.lastIndexOf(Buffer.from('e07f1000', 'hex'))
  const item = (value: Buffer): Buffer => {
    const header = Buffer.from('feff00e000000000', 'hex')
    header.writeUInt32LE(value.length, 4)
    return Buffer.concat([header, value])
  }
  const end = options.delimiter === false ? Buffer.alloc(0) : Buffer.from('feffdde000000000', 'hex')
  return Buffer.concat([
    file.subarray(0, at),
    element(0x7fe00010, 'OB', 0xffffffff),
    item(Buffer.alloc(0)),
    ...fragments.map(item),
    end,
  ])
}
