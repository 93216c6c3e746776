import { inflateRawSync } from 'node:zlib'
import dicomParser, { type DataSet, type Element } from 'dicom-parser'
import { UndecodablePixels, UnreadableInstance } from '../../errors.ts'
import type { PixelAttributes } from './frame.ts'
import { readPixelAttributes } from './pixel-attributes.ts'

const INFLATED_LIMIT_BYTES = 1 << 30
const PIXEL_LIMIT = 1 << 28
const PIXEL_DATA = 'x7fe00010'

/** A parsed file, before any pixel is decoded. */
export interface PixelData {
  readonly transferSyntaxUid: string
  readonly sopInstanceUid: string
  readonly attributes: PixelAttributes
  readonly dataset: DataSet
  readonly element: Element
}

/**
 * Finds the pixel data of a Part 10 file and checks what the header claims.
 * @throws UnreadableInstance when it is no DICOM; UndecodablePixels when it has no grayscale pixels that we take.
 */
export function readPixelData(file: Uint8Array): PixelData {
  const dataset = parse(file)
  const element = dataset.elements[PIXEL_DATA]
  if (element === undefined) throw new UndecodablePixels('the instance has no PixelData (7FE0,0010)')
  const attributes = readPixelAttributes(dataset)
  const { rows, columns, samplesPerPixel, photometricInterpretation: photometric } = attributes
  if (rows === 0 || columns === 0 || rows * columns > PIXEL_LIMIT) {
    throw new UndecodablePixels(`Rows ${rows} and Columns ${columns} are no plausible matrix`)
  }
  if (samplesPerPixel !== 1 || !/^MONOCHROME[12]$/.test(photometric)) {
    throw new UndecodablePixels(
      `color pixels are not supported (SamplesPerPixel ${samplesPerPixel}, ${photometric.slice(0, 16)})`,
    )
  }
  const transferSyntaxUid = (dataset.string('x00020010') ?? '').trim()
  return { transferSyntaxUid, sopInstanceUid: (dataset.string('x00080018') ?? '').trim(), attributes, dataset, element }
}

function parse(file: Uint8Array): DataSet {
  try {
    return dicomParser.parseDicom(file, { inflater: inflate })
  } catch (cause) {
    // dicom-parser throws strings and bare objects too: they become the cause.
    throw new UnreadableInstance('the file is no readable DICOM Part 10 file', { cause })
  }
}

/** Deflated Explicit VR Little Endian (PS3.5 A.5): what follows the meta header is one raw deflate stream. */
function inflate(bytes: Uint8Array, position: number): Uint8Array {
  const rest = inflateRawSync(bytes.subarray(position), { maxOutputLength: INFLATED_LIMIT_BYTES })
  return Buffer.concat([bytes.subarray(0, position), rest])
}
