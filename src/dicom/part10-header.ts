import { constants, inflateRawSync } from 'node:zlib'
import { UnreadableInstance } from '../errors.ts'
import type { DicomJson } from './dataset.ts'
import { readDicomJson } from './dicom-json.ts'
import { readElementHeader } from './element-header.ts'
import type { TransferSyntax } from './transfer-syntax.ts'
import { TRANSFER_SYNTAXES } from './transfer-syntax.ts'
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from './uid.ts'
import { isUid } from './uid.ts'

/** What Hilum knows of an instance without its pixels. */
export interface InstanceHeader {
  readonly studyInstanceUid: StudyInstanceUid
  readonly seriesInstanceUid: SeriesInstanceUid
  readonly sopInstanceUid: SopInstanceUid
  readonly sopClassUid: string
  readonly transferSyntaxUid: string
  /** The data set without pixel data and without group 0002. */
  readonly header: DicomJson
}

/** A Part 10 file whose transfer syntax is not in the table: its data set was not read. */
export class UnknownTransferSyntax extends UnreadableInstance {}

const META = { explicit: true, bigEndian: false } as const
const MEBIBYTE = 1024 * 1024

/** Where the data set starts and how it is written (PS3.10 7.1). Throws UnreadableInstance when there is no File Meta Information. */
export function readFileMeta(file: Buffer): {
  transferSyntaxUid: string
  mediaStorageSopClassUid: string
  mediaStorageSopInstanceUid: string
  dataSetStart: number
} {
  if (file.toString('latin1', 128, 132) !== 'DICM')
    throw new UnreadableInstance('No DICOM file: the prefix DICM is missing')
  const values: Record<string, string> = {}
  let offset = 132
  let declaredEnd = -1
  // Deflated bytes may look like group 0002, so a group length that fits is believed.
  while (offset !== declaredEnd && offset + 8 <= file.length && file.readUInt16LE(offset) === 2) {
    const { tag, length, size } = readElementHeader(file, offset, META)
    const start = offset + size
    if (start + length > file.length) throw new UnreadableInstance('The File Meta Information is cut off')
    if (tag === '00020000' && length === 4) declaredEnd = start + 4 + file.readUInt32LE(start)
    if (length <= 64) values[tag] = file.toString('latin1', start, start + length).replaceAll(/[\0 ]/g, '')
    offset = start + length
  }
  const transferSyntaxUid = values['00020010'] ?? ''
  if (!isUid(transferSyntaxUid)) throw new UnreadableInstance('TransferSyntaxUID is missing or is not a UID')
  return {
    transferSyntaxUid,
    mediaStorageSopClassUid: values['00020002'] ?? '',
    mediaStorageSopInstanceUid: values['00020003'] ?? '',
    dataSetStart: offset,
  }
}

/**
 * Reads the header of a Part 10 file from its first bytes. Throws UnreadableInstance for what is no such file,
 * contradicts itself or lacks a UID, and UnknownTransferSyntax for one that Hilum has not heard of.
 */
export function readHeader(prefix: Uint8Array): InstanceHeader {
  const file = Buffer.from(prefix.buffer, prefix.byteOffset, prefix.byteLength)
  const { transferSyntaxUid, dataSetStart } = readFileMeta(file)
  const syntax = TRANSFER_SYNTAXES.get(transferSyntaxUid)
  if (syntax === undefined) throw new UnknownTransferSyntax('The transfer syntax is not supported')
  const header = syntax.deflated
    ? readDeflated(file.subarray(dataSetStart), syntax)
    : readDicomJson(file, dataSetStart, syntax)
  return {
    studyInstanceUid: uid<StudyInstanceUid>(header, '0020000D', 'StudyInstanceUID'),
    seriesInstanceUid: uid<SeriesInstanceUid>(header, '0020000E', 'SeriesInstanceUID'),
    sopInstanceUid: uid<SopInstanceUid>(header, '00080018', 'SOPInstanceUID'),
    sopClassUid: uid(header, '00080016', 'SOPClassUID'),
    transferSyntaxUid,
    header,
  }
}

/** A few bytes hold most headers; more are inflated only where they do not, and never to more than 64 MiB. */
function readDeflated(deflated: Buffer, syntax: TransferSyntax): DicomJson {
  const sizes = [32 * 1024, 256 * 1024, deflated.length].filter((size, index) => index === 0 || size <= deflated.length)
  let failure: unknown
  for (const size of sizes) {
    try {
      return readDicomJson(inflate(deflated.subarray(0, size)), 0, syntax)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function inflate(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 64 * MEBIBYTE })
  } catch (cause) {
    throw new UnreadableInstance('The deflated data set cannot be inflated', { cause })
  }
}

function uid<U extends string>(header: DicomJson, tag: string, keyword: string): U {
  const value = header[tag]?.Value?.[0]
  if (!isUid(value)) throw new UnreadableInstance(`${keyword} is missing or is not a UID`)
  return value as U
}
