import dicomParser, { type DataSet } from 'dicom-parser'
import { NotFound, UndecodablePixels } from '../errors.ts'
import { elementHeader, toExplicitLittleEndian, withTransferSyntax } from './explicit-little-endian.ts'
import { readFileMeta } from './part10-header.ts'
import { decodePixelData } from './pixels/decode-frame.ts'
import { readEncapsulatedFrame } from './pixels/encapsulated-frame.ts'
import type { Frame } from './pixels/frame.ts'
import { readPixelAttributes } from './pixels/pixel-attributes.ts'
import { readPixelData } from './pixels/pixel-data.ts'
import { EXPLICIT_LITTLE_ENDIAN, TRANSFER_SYNTAXES } from './transfer-syntax.ts'

const PIXEL_DATA = 'x7fe00010'
/** What an explicit element of VR OB or OW has before its value. */
const LONG_HEADER_BYTES = 12

/** One frame without compression, little endian, as it stands in native PixelData. Throws UndecodablePixels. */
export async function nativeFrameBytes(file: Buffer, frame: number): Promise<Uint8Array> {
  if (isEncapsulated(file)) {
    const data = readPixelData(file)
    if (frame > data.attributes.numberOfFrames) throw new NotFound('There is no such frame')
    return pixelBytes(await decodePixelData(data, { frame }))
  }
  const { dataset, element } = parse(toExplicitLittleEndian(file))
  const bits = ['x00280010', 'x00280011', 'x00280002', 'x00280100'].reduce(
    (bits, tag) => bits * (dataset.uint16(tag) ?? 1),
    1,
  )
  if (frame > numberOfFrames(dataset)) throw new NotFound('There is no such frame')
  // Frames of single bits may begin within a byte (PS3.5 8.1.1).
  if (bits % 8 !== 0 && frame > 1) throw new UndecodablePixels('The frame does not begin with a byte')
  const length = Math.ceil(bits / 8)
  const start = element.dataOffset + (frame - 1) * length
  if (start + length > element.dataOffset + element.length) throw new UndecodablePixels('PixelData is cut short')
  return dataset.byteArray.subarray(start, start + length)
}

/** The bit stream of one frame of encapsulated PixelData, whatever it shows. */
export function storedFrameBytes(file: Buffer, frame: number): Uint8Array {
  const { dataset, element } = parse(file)
  const attributes = readPixelAttributes(dataset)
  if (frame > attributes.numberOfFrames) throw new NotFound('There is no such frame')
  const transferSyntaxUid = (dataset.string('x00020010') ?? '').trim()
  return readEncapsulatedFrame({ dataset, element, attributes, transferSyntaxUid, sopInstanceUid: '' }, frame)
}

/** The whole file in Explicit VR Little Endian, its pixels decompressed. Throws UndecodablePixels. */
export async function decompressedFile(file: Buffer): Promise<Buffer> {
  if (!isEncapsulated(file)) return toExplicitLittleEndian(file)
  const data = readPixelData(file)
  const { numberOfFrames, bitsAllocated } = data.attributes
  const frames: Uint8Array[] = []
  for (let frame = 1; frame <= numberOfFrames; frame += 1)
    frames.push(pixelBytes(await decodePixelData(data, { frame })))
  const length = frames.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const { dataSetStart } = readFileMeta(file)
  // The offset table of encapsulated frames goes too; what may follow the pixels is padding, or signs other bytes.
  const end = (data.dataset.elements['x7fe00001'] ?? data.element).dataOffset - LONG_HEADER_BYTES
  return Buffer.concat([
    withTransferSyntax(file.subarray(0, dataSetStart), EXPLICIT_LITTLE_ENDIAN),
    file.subarray(dataSetStart, end),
    elementHeader('7FE00010', bitsAllocated > 8 ? 'OW' : 'OB', length + (length % 2)),
    ...frames,
    Buffer.alloc(length % 2),
  ])
}

const isEncapsulated = (file: Buffer): boolean =>
  TRANSFER_SYNTAXES.get(readFileMeta(file).transferSyntaxUid)?.encapsulated ?? true

/** A codec of 8 bits may have given bytes where 16 are allocated. */
function pixelBytes({ pixels, bitsAllocated }: Frame): Uint8Array {
  const wide = bitsAllocated === 16 && pixels.BYTES_PER_ELEMENT === 1 ? Uint16Array.from(pixels) : pixels
  return new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength)
}

function parse(file: Buffer) {
  const dataset = dicomParser.parseDicom(file)
  const element = dataset.elements[PIXEL_DATA]
  if (element === undefined) throw new NotFound('The instance has no pixels')
  return { dataset, element }
}

const numberOfFrames = (dataset: DataSet): number => Math.max(1, dataset.intString('x00280008') ?? 1)
