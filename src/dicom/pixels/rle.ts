import { UndecodablePixels } from '../../errors.ts'
import type { PixelArray } from './frame.ts'
import { toPixelArray } from './native-frame.ts'

const HEADER_BYTES = 64

/** RLE Lossless (PS3.5 annex G): one PackBits segment for each byte of a pixel, the most significant first. */
export function decodeRle(stream: Uint8Array, pixels: number, bitsAllocated: number): PixelArray {
  const size = bitsAllocated / 8
  if (stream.length < HEADER_BYTES) throw new UndecodablePixels('RLE header is cut short')
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length)
  const segments = view.getUint32(0, true)
  if (segments !== size)
    throw new UndecodablePixels(`RLE has ${segments} segments, BitsAllocated ${bitsAllocated} needs ${size}`)
  const out = new Uint8Array(pixels * size)
  for (let segment = 0; segment < size; segment++) {
    const from = view.getUint32(4 + 4 * segment, true)
    const to = segment + 1 < size ? view.getUint32(8 + 4 * segment, true) : stream.length
    if (from < HEADER_BYTES || from > to || to > stream.length) throw new UndecodablePixels('RLE segment offsets lie')
    unpack(stream, from, to, out, size - 1 - segment, size)
  }
  return toPixelArray(out, bitsAllocated)
}

/** Writes every `step`-th byte of `out` from `start`; a segment that ends early is an error, one that runs over is cut. */
function unpack(stream: Uint8Array, from: number, to: number, out: Uint8Array, start: number, step: number): void {
  const end = out.length
  let source = from
  let target = start
  while (target < end) {
    if (source >= to) throw new UndecodablePixels('RLE segment is cut short')
    const control = stream[source++] as number
    if (control < 128) {
      const literals = Math.min(control + 1, to - source)
      if (literals <= control && target + literals * step < end) throw new UndecodablePixels('RLE segment is cut short')
      for (let i = 0; i < literals && target < end; i++, target += step) out[target] = stream[source + i] as number
      source += control + 1
    } else if (control > 128) {
      const value = stream[source++] ?? 0
      const stop = Math.min(end, target + (257 - control) * step)
      for (; target < stop; target += step) out[target] = value
    }
  }
}
