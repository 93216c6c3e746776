import { makeRadiograph } from './radiograph.ts'

/** A made radiograph whose pixel data are these fragments (PS3.5 A.4), with a Basic Offset Table if one is given. */
export function encapsulated(
  transferSyntaxUid: string,
  fragments: readonly Uint8Array[],
  overrides: Readonly<Record<string, unknown>> = {},
  offsets: readonly number[] = [],
): Buffer {
  const { bytes } = makeRadiograph({ ...overrides, PixelData: undefined })
  const table = Buffer.alloc(offsets.length * 4)
  for (const [i, offset] of offsets.entries()) table.writeUInt32LE(offset, i * 4)
  const pixelData = Buffer.from('e07f10004f420000ffffffff', 'hex')
  const end = Buffer.from('feffdde000000000', 'hex')
  return Buffer.concat([withSyntax(bytes, transferSyntaxUid), pixelData, item(table), ...fragments.map(item), end])
}

/** Replaces the Transfer Syntax UID and the length of the meta group. */
function withSyntax(file: Buffer, transferSyntaxUid: string): Buffer {
  const at = file.indexOf(Buffer.from('020010005549', 'hex'))
  const length = file.readUInt16LE(at + 6)
  const value = Buffer.from(transferSyntaxUid.length % 2 === 0 ? transferSyntaxUid : `${transferSyntaxUid}\0`, 'latin1')
  const head = Buffer.from(file.subarray(0, at + 8))
  head.writeUInt16LE(value.length, at + 6)
  head.writeUInt32LE(head.readUInt32LE(140) + value.length - length, 140)
  return Buffer.concat([head, value, file.subarray(at + 8 + length)])
}

function item(bytes: Uint8Array): Buffer {
  const even = bytes.length + (bytes.length % 2)
  const out = Buffer.alloc(8 + even)
  out.writeUInt32LE(0xe000_fffe, 0)
  out.writeUInt32LE(even, 4)
  out.set(bytes, 8)
  return out
}
