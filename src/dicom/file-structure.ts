import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'
import { UnreadableInstance } from '../errors.ts'
import { number } from './attributes.ts'
import { naturalise } from './dataset.ts'
import type { ElementHeader } from './element-header.ts'
import { HEADER_BYTES, ITEM, SEQUENCE_END, UNDEFINED_LENGTH, isPixelData, readElementHeader } from './element-header.ts'
import type { FileWindow } from './file-window.ts'
import { openWindow } from './file-window.ts'
import type { InstanceHeader } from './part10-header.ts'
import { readFileMeta } from './part10-header.ts'
import { skipValue } from './skip-value.ts'
import type { TransferSyntax } from './transfer-syntax.ts'
import { TRANSFER_SYNTAXES } from './transfer-syntax.ts'

const META_LIMIT_BYTES = 64 * 1024
// The decoder inflates the whole data set in memory, so a small file must not grow far beyond its pixels.
const INFLATED_BESIDE_PIXELS_BYTES = 256 * 1024 * 1024
const LARGEST_PLAUSIBLE_MATRIX = 16_384

export interface FileStructure {
  /** Whether pixel data was found, whole. Without it a file that was cut between two elements looks complete. */
  readonly hasPixelData: boolean
}

/**
 * Walks the whole file by random access, in constant memory: every length must stay inside, encapsulated
 * pixel data must end (PS3.5 A.4), native pixel data must be as long as its matrix says.
 * Throws UnreadableInstance. The bit streams inside the fragments are the decoder's business.
 */
export async function checkFileStructure(path: string, instance: InstanceHeader): Promise<FileStructure> {
  const syntax = TRANSFER_SYNTAXES.get(instance.transferSyntaxUid)
  if (syntax === undefined) throw new UnreadableInstance('The transfer syntax is not supported')
  const file = await open(path, 'r')
  try {
    const window = await openWindow(file)
    const { dataSetStart } = readFileMeta(await window.at(0, META_LIMIT_BYTES))
    if (syntax.deflated) return await checkDeflated(path, dataSetStart, instance)
    return await walk(window, dataSetStart, syntax, instance)
  } finally {
    await file.close()
  }
}

async function walk(
  window: FileWindow,
  start: number,
  syntax: TransferSyntax,
  instance: InstanceHeader,
): Promise<FileStructure> {
  let offset = start
  while (window.sizeBytes - offset >= 8) {
    const element = readElementHeader(await window.at(offset, HEADER_BYTES), 0, syntax)
    offset += element.size
    if (isPixelData(element.tag)) {
      await checkPixelData(window, offset, element, syntax, instance)
      // What follows pixel data is padding or a signature: nothing there is read.
      return { hasPixelData: true }
    }
    offset = await skipValue(window, offset, element, syntax)
  }
  return { hasPixelData: false }
}

async function checkPixelData(
  window: FileWindow,
  offset: number,
  element: ElementHeader,
  syntax: TransferSyntax,
  instance: InstanceHeader,
): Promise<void> {
  if ((element.length === UNDEFINED_LENGTH) !== syntax.encapsulated)
    throw new UnreadableInstance('Pixel data is not laid out as the transfer syntax says')
  if (syntax.encapsulated) return checkFragments(window, offset)
  if (offset + element.length > window.sizeBytes) throw new UnreadableInstance('Pixel data is cut off')
  if (element.tag === '7FE00010' && element.length < nativeBytes(instance))
    throw new UnreadableInstance('Pixel data is shorter than its matrix')
}

/** A basic offset table, one fragment or more, a delimiter (PS3.5 A.4). */
async function checkFragments(window: FileWindow, start: number): Promise<void> {
  let offset = start
  for (let item = 0; ; item += 1) {
    const { tag, length, size } = readElementHeader(await window.at(offset, HEADER_BYTES), 0, {
      explicit: false,
      bigEndian: false,
    })
    if (tag === SEQUENCE_END && item >= 2) return
    offset += size + length
    if (tag !== ITEM || length === UNDEFINED_LENGTH) throw new UnreadableInstance('Encapsulated pixel data is broken')
    if (offset > window.sizeBytes) throw new UnreadableInstance('Encapsulated pixel data is cut off')
  }
}

/** Deflated bytes have no lengths to follow; that the stream ends and is as long as its pixels is what can be told. */
async function checkDeflated(path: string, start: number, instance: InstanceHeader): Promise<FileStructure> {
  const pixelBytes = nativeBytes(instance)
  const limitBytes = pixelBytes + INFLATED_BESIDE_PIXELS_BYTES
  let inflatedBytes = 0
  try {
    await pipeline(createReadStream(path, { start }), createInflateRaw(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        inflatedBytes += chunk.length
        if (inflatedBytes > limitBytes) return
      }
    })
  } catch (cause) {
    if (inflatedBytes <= limitBytes)
      throw new UnreadableInstance('The deflated data set is broken or cut off', { cause })
  }
  if (inflatedBytes > limitBytes) throw new UnreadableInstance('The deflated data set is too large')
  if (inflatedBytes < pixelBytes) throw new UnreadableInstance('Pixel data is shorter than its matrix')
  return { hasPixelData: true }
}

/** What native pixel data must hold at least (PS3.5 8.1.1); 0 where the matrix is implausible, which eligibility names. */
function nativeBytes({ header }: InstanceHeader): number {
  const dataset = naturalise(header)
  const rows = number(dataset, 'Rows') ?? 0
  const columns = number(dataset, 'Columns') ?? 0
  if (rows > LARGEST_PLAUSIBLE_MATRIX || columns > LARGEST_PLAUSIBLE_MATRIX) return 0
  // YBR_FULL_422 shares its color samples between two pixels.
  const samples = String(dataset['PhotometricInterpretation']).includes('422')
    ? 2
    : (number(dataset, 'SamplesPerPixel') ?? 1)
  const frames = number(dataset, 'NumberOfFrames') ?? 1
  return Math.ceil((rows * columns * samples * frames * (number(dataset, 'BitsAllocated') ?? 0)) / 8)
}
