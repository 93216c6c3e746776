import { UndecodablePixels } from '../../errors.ts'
import { readJpeg2000Size, readJpegSize, withoutJp2Wrapper } from './codestream-size.ts'
import { readEncapsulatedFrame } from './encapsulated-frame.ts'
import type { DecodeOptions, Frame, PixelArray } from './frame.ts'
import { decodeExtended } from './jpeg-extended.ts'
import { decodeLossless } from './jpeg-lossless.ts'
import { readJpegScan } from './jpeg-scan.ts'
import { readNativeFrame } from './native-frame.ts'
import { type PixelData, readPixelData } from './pixel-data.ts'
import { decodeRle } from './rle.ts'
import { decodeByWasm } from './wasm-codecs.ts'

interface Decoded {
  readonly pixels: PixelArray
  readonly precision: number
  readonly reduction: number
}

type Decoder = (data: PixelData, frame: number, reduction: number) => Decoded | Promise<Decoded>

const native =
  (bigEndian: boolean): Decoder =>
  (data, frame) => ({
    pixels: readNativeFrame(data, frame, bigEndian),
    precision: data.attributes.bitsAllocated,
    reduction: 0,
  })

const rle: Decoder = (data, frame) => {
  const { rows, columns, bitsAllocated } = data.attributes
  const pixels = decodeRle(readEncapsulatedFrame(data, frame), rows * columns, bitsAllocated)
  return { pixels, precision: bitsAllocated, reduction: 0 }
}

/** JPEG of any process: the frame header decides, since senders mix up baseline, extended and lossless. */
const jpeg: Decoder = async (data, frame) => {
  const stream = readEncapsulatedFrame(data, frame)
  const size = readJpegSize(stream)
  checkSize(data, size)
  if (size.marker === 0xc3)
    return { pixels: decodeLossless(readJpegScan(stream)), precision: size.precision, reduction: 0 }
  if (size.precision === 12 && size.marker === 0xc1) {
    return { pixels: decodeExtended(readJpegScan(stream)), precision: 12, reduction: 0 }
  }
  if (size.precision !== 8)
    throw new UndecodablePixels(`JPEG of ${size.precision} bits by process ${size.marker.toString(16)}`)
  return { ...(await decodeByWasm('jpeg-8', stream)), reduction: 0 }
}

const jpegLs: Decoder = async (data, frame) => {
  const stream = readEncapsulatedFrame(data, frame)
  checkSize(data, readJpegSize(stream))
  return { ...(await decodeByWasm('jpeg-ls', stream)), reduction: 0 }
}

const jpeg2000 =
  (codec: 'jpeg-2000' | 'htj2k'): Decoder =>
  async (data, frame, wanted) => {
    const stream = withoutJp2Wrapper(readEncapsulatedFrame(data, frame))
    const size = readJpeg2000Size(stream)
    checkSize(data, size)
    checkEnd(stream)
    const reduction = Math.min(wanted, size.decompositions)
    return { ...(await decodeByWasm(codec, stream, reduction)), reduction }
  }

const DECODERS: Readonly<Record<string, Decoder>> = {
  '1.2.840.10008.1.2': native(false),
  '1.2.840.10008.1.2.1': native(false),
  '1.2.840.10008.1.2.1.99': native(false),
  '1.2.840.10008.1.2.2': native(true),
  '1.2.840.10008.1.2.5': rle,
  '1.2.840.10008.1.2.4.50': jpeg,
  '1.2.840.10008.1.2.4.51': jpeg,
  '1.2.840.10008.1.2.4.57': jpeg,
  '1.2.840.10008.1.2.4.70': jpeg,
  '1.2.840.10008.1.2.4.80': jpegLs,
  '1.2.840.10008.1.2.4.81': jpegLs,
  '1.2.840.10008.1.2.4.90': jpeg2000('jpeg-2000'),
  '1.2.840.10008.1.2.4.91': jpeg2000('jpeg-2000'),
  '1.2.840.10008.1.2.4.201': jpeg2000('htj2k'),
  '1.2.840.10008.1.2.4.202': jpeg2000('htj2k'),
  '1.2.840.10008.1.2.4.203': jpeg2000('htj2k'),
}

/** Transfer syntaxes whose codecs may give values beyond the stored range. */
const LOSSY = new Set(['50', '51', '81', '91', '203'].map((last) => `1.2.840.10008.1.2.4.${last}`))

/** @throws UnreadableInstance when the file is no DICOM; UndecodablePixels for everything else that is wrong. */
export async function decodeFrame(file: Uint8Array, options: DecodeOptions = {}): Promise<Frame> {
  return decodePixelData(readPixelData(file), options)
}

/** The same for a file that is parsed already. */
export async function decodePixelData(data: PixelData, options: DecodeOptions = {}): Promise<Frame> {
  const { attributes, transferSyntaxUid } = data
  const decoder = DECODERS[transferSyntaxUid]
  if (decoder === undefined)
    throw new UndecodablePixels(`transfer syntax ${transferSyntaxUid.slice(0, 64)} is not supported`)
  const { pixels, precision, reduction } = await decoder(data, options.frame ?? 1, options.reduction ?? 0)
  const rows = Math.ceil(attributes.rows / 2 ** reduction)
  const columns = Math.ceil(attributes.columns / 2 ** reduction)
  if (pixels.length !== rows * columns) {
    throw new UndecodablePixels(
      `the codec gave ${pixels.length} pixels, the header says ${attributes.rows} x ${attributes.columns}`,
    )
  }
  const { bitsStored } = attributes
  return {
    rows,
    columns,
    storedRows: attributes.rows,
    storedColumns: attributes.columns,
    reduction,
    samplesPerPixel: 1,
    bitsAllocated: attributes.bitsAllocated,
    bitsStored,
    // A bit stream of no more than the stored bits has been shifted down by whoever compressed it.
    highBit: precision <= bitsStored ? bitsStored - 1 : attributes.highBit,
    pixelRepresentation: attributes.pixelRepresentation,
    photometricInterpretation: attributes.photometricInterpretation,
    pixelAspectRatio: attributes.pixelAspectRatio,
    pixels,
    lossy: LOSSY.has(transferSyntaxUid),
    attributes,
  }
}

/**
 * The codestream's End of Codestream marker (ITU-T T.800 A.4.4), before padding: the HTJ2K codec makes a picture of
 * half a stream and says nothing.
 */
function checkEnd(stream: Uint8Array): void {
  let end = stream.length
  while (end > 0 && stream[end - 1] === 0) end--
  if (stream[end - 2] !== 0xff || stream[end - 1] !== 0xd9) throw new UndecodablePixels('the codestream has no end')
}

/** A bit stream is not even given to its codec unless it agrees with the header: its size is what a codec allocates. */
function checkSize({ attributes }: PixelData, size: { rows: number; columns: number; components: number }): void {
  if (size.rows !== attributes.rows || size.columns !== attributes.columns) {
    throw new UndecodablePixels(
      `the bit stream is ${size.rows} x ${size.columns}, the header says ${attributes.rows} x ${attributes.columns}`,
    )
  }
  if (size.components !== 1) throw new UndecodablePixels(`the bit stream has ${size.components} components`)
}
