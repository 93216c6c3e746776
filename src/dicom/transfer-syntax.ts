/** What a reader must know of a transfer syntax (PS3.5 Annex A). */
export interface TransferSyntax {
  readonly uid: string
  readonly name: string
  readonly explicit: boolean
  readonly bigEndian: boolean
  readonly deflated: boolean
  readonly encapsulated: boolean
}

const native = (uid: string, name: string, differs: Partial<TransferSyntax> = {}): TransferSyntax => ({
  uid,
  name,
  explicit: true,
  bigEndian: false,
  deflated: false,
  encapsulated: false,
  ...differs,
})
const encapsulated = (uid: string, name: string): TransferSyntax => native(uid, name, { encapsulated: true })

export const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2'
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1'
export const DEFLATED_EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99'
export const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2'

const KNOWN = [
  native(IMPLICIT_LITTLE_ENDIAN, 'Implicit VR Little Endian', { explicit: false }),
  native(EXPLICIT_LITTLE_ENDIAN, 'Explicit VR Little Endian'),
  native(DEFLATED_EXPLICIT_LITTLE_ENDIAN, 'Deflated Explicit VR Little Endian', { deflated: true }),
  native(EXPLICIT_BIG_ENDIAN, 'Explicit VR Big Endian', { bigEndian: true }),
  encapsulated('1.2.840.10008.1.2.5', 'RLE Lossless'),
  encapsulated('1.2.840.10008.1.2.4.50', 'JPEG Baseline (Process 1)'),
  encapsulated('1.2.840.10008.1.2.4.51', 'JPEG Extended (Process 2 & 4)'),
  encapsulated('1.2.840.10008.1.2.4.57', 'JPEG Lossless (Process 14)'),
  encapsulated('1.2.840.10008.1.2.4.70', 'JPEG Lossless SV1'),
  encapsulated('1.2.840.10008.1.2.4.80', 'JPEG-LS Lossless'),
  encapsulated('1.2.840.10008.1.2.4.81', 'JPEG-LS Near-lossless'),
  encapsulated('1.2.840.10008.1.2.4.90', 'JPEG 2000 Lossless'),
  encapsulated('1.2.840.10008.1.2.4.91', 'JPEG 2000'),
  encapsulated('1.2.840.10008.1.2.4.201', 'HTJ2K Lossless'),
  encapsulated('1.2.840.10008.1.2.4.202', 'HTJ2K Lossless RPCL'),
  encapsulated('1.2.840.10008.1.2.4.203', 'HTJ2K'),
]

export const TRANSFER_SYNTAXES: ReadonlyMap<string, TransferSyntax> = new Map(KNOWN.map((it) => [it.uid, it]))
