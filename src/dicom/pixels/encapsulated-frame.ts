import { UndecodablePixels } from '../../errors.ts'
import type { PixelData } from './pixel-data.ts'

interface Fragment {
  /** From the first byte of the item tag of the first fragment, as in the offset tables (PS3.5 A.4). */
  readonly offset: number
  readonly bytes: Uint8Array
}

/**
 * The bit stream of one encapsulated frame, its fragments joined: by the Extended Offset Table, else the Basic Offset
 * Table, else one fragment a frame, else by the markers that start a bit stream.
 */
export function readEncapsulatedFrame(data: PixelData, frame: number): Uint8Array {
  const fragments = readFragments(data)
  const frames = data.attributes.numberOfFrames
  if (frame > frames) throw new UndecodablePixels(`frame ${frame} of ${frames}`)
  const groups = frames === 1 ? [fragments] : groupByFrame(fragments, frames, readOffsets(data))
  const parts = groups[frame - 1]?.map((fragment) => fragment.bytes) ?? []
  const [first] = parts
  if (first === undefined) throw new UndecodablePixels(`no fragment belongs to frame ${frame}`)
  return parts.length === 1 ? first : Buffer.concat(parts)
}

function readFragments({ dataset, element }: PixelData): readonly Fragment[] {
  if (element.encapsulatedPixelData !== true || element.fragments === undefined || element.fragments.length === 0) {
    throw new UndecodablePixels('PixelData is not encapsulated as its transfer syntax says, or has no fragment')
  }
  return element.fragments.map(({ offset, position, length }) => ({
    offset,
    bytes: dataset.byteArray.subarray(position, position + length),
  }))
}

function readOffsets({ dataset, element }: PixelData): readonly number[] {
  const extended = dataset.elements['x7fe00001']
  if (extended !== undefined && extended.length >= 8) {
    const view = new DataView(
      dataset.byteArray.buffer,
      dataset.byteArray.byteOffset + extended.dataOffset,
      extended.length,
    )
    return Array.from({ length: extended.length >> 3 }, (_, i) => Number(view.getBigUint64(i * 8, true)))
  }
  return element.basicOffsetTable ?? []
}

function groupByFrame(
  fragments: readonly Fragment[],
  frames: number,
  offsets: readonly number[],
): readonly Fragment[][] {
  if (offsets.length === frames) {
    return offsets.map((from, i) =>
      fragments.filter(({ offset }) => offset >= from && offset < (offsets[i + 1] ?? Infinity)),
    )
  }
  if (fragments.length === frames) return fragments.map((fragment) => [fragment])
  const groups: Fragment[][] = []
  for (const fragment of fragments) {
    if (groups.length === 0 || startsBitStream(fragment.bytes)) groups.push([])
    groups.at(-1)?.push(fragment)
  }
  return groups
}

/** SOI of the JPEG family, SOC and SIZ of JPEG 2000. */
function startsBitStream(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && (bytes[1] === 0xd8 || (bytes[1] === 0x4f && bytes[2] === 0xff && bytes[3] === 0x51))
}
