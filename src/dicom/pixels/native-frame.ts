import { UndecodablePixels } from '../../errors.ts'
import type { PixelArray } from './frame.ts'
import type { PixelData } from './pixel-data.ts'

/** The bytes of one uncompressed frame as numbers of BitsAllocated bits, in the order of this machine (little endian). */
export function readNativeFrame(data: PixelData, frame: number, bigEndian: boolean): PixelArray {
  const { rows, columns, bitsAllocated } = data.attributes
  const { element, dataset } = data
  const length = (rows * columns * bitsAllocated) / 8
  const from = (frame - 1) * length
  if (element.encapsulatedPixelData === true || from + length > element.length) {
    throw new UndecodablePixels(
      `PixelData holds ${element.length} bytes, frame ${frame} of ${rows} x ${columns} needs ${from + length}`,
    )
  }
  const start = element.dataOffset + from
  const bytes = dataset.byteArray.subarray(start, start + length)
  if (bytes.length < length) throw new UndecodablePixels('PixelData is cut short')
  if (bitsAllocated === 8) return bigEndian && element.vr === 'OW' ? new Uint8Array(swapped(bytes, 2)) : bytes
  return toPixelArray(bigEndian ? swapped(bytes, bitsAllocated / 8) : bytes, bitsAllocated)
}

/** Views the bytes when they are aligned, copies them when not. */
export function toPixelArray(bytes: Uint8Array, bitsAllocated: number): PixelArray {
  if (bitsAllocated === 8) return bytes
  const size = bitsAllocated / 8
  const aligned = bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes) // a Buffer's slice would be a view
  const count = Math.floor(bytes.length / size)
  return size === 2
    ? new Uint16Array(aligned.buffer, aligned.byteOffset, count)
    : new Uint32Array(aligned.buffer, aligned.byteOffset, count)
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const copy = Buffer.alloc(bytes.length + (bytes.length % size))
  copy.set(bytes)
  return size === 2 ? copy.swap16() : copy.swap32()
}
