export interface TinyInstance {
  readonly sopInstanceUid: string
  readonly sopClassUid: string
  readonly bytes: Buffer
}

/**
 * The smallest Part 10 file that a PACS takes: identifiers, no pixels, explicit little endian (PS3.10 7.1).
 * For what only moves files; what looks at pixels takes `makeRadiograph`.
 */
export function tinyInstance(
  options: { readonly modality?: string; readonly paddingBytes?: number } = {},
): TinyInstance {
  const sopClassUid = '1.2.840.10008.5.1.4.1.1.1.1'
  const sopInstanceUid = freshUid()
  const meta = Buffer.concat([
    element(0x0002, 0x0001, 'OB', Buffer.from([0, 1])),
    element(0x0002, 0x0002, 'UI', sopClassUid),
    element(0x0002, 0x0003, 'UI', sopInstanceUid),
    element(0x0002, 0x0010, 'UI', '1.2.840.10008.1.2.1'),
    element(0x0002, 0x0012, 'UI', '2.25.1'),
  ])
  const groupLength = Buffer.alloc(4)
  groupLength.writeUInt32LE(meta.length)
  const bytes = Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x0002, 0x0000, 'UL', groupLength),
    meta,
    element(0x0008, 0x0016, 'UI', sopClassUid),
    element(0x0008, 0x0018, 'UI', sopInstanceUid),
    element(0x0008, 0x0060, 'CS', options.modality ?? 'DX'),
    element(0x0010, 0x0010, 'PN', 'TEST^TINY'),
    element(0x0010, 0x0020, 'LO', 'TINY'),
    element(0x0020, 0x000d, 'UI', freshUid()),
    element(0x0020, 0x000e, 'UI', freshUid()),
    element(0x0042, 0x0011, 'OB', Buffer.alloc(options.paddingBytes ?? 0)),
  ])
  return { sopInstanceUid, sopClassUid, bytes }
}

let last = 0

function freshUid(): string {
  return `2.25.${BigInt(Date.now()) * 1_000_000n + BigInt(process.pid % 1000) * 1000n + BigInt(++last)}`
}

function element(group: number, number: number, vr: string, value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  const padding = Buffer.from(vr === 'UI' || vr === 'OB' ? '\0' : ' ').subarray(0, bytes.length % 2)
  const isLong = vr === 'OB'
  const head = Buffer.alloc(isLong ? 12 : 8)
  head.writeUInt16LE(group, 0)
  head.writeUInt16LE(number, 2)
  head.write(vr, 4, 'latin1')
  if (isLong) head.writeUInt32LE(bytes.length + padding.length, 8)
  else head.writeUInt16LE(bytes.length + padding.length, 6)
  return Buffer.concat([head, bytes, padding])
}
