import { UndecodablePixels } from '../../errors.ts'

/** What a compressed bit stream says about itself, read before a codec allocates anything for it. */
export interface CodestreamSize {
  readonly rows: number
  readonly columns: number
  readonly components: number
  readonly precision: number
  /** Marker of the JPEG process: 0xc0 baseline, 0xc1 extended, 0xc3 lossless, 0xf7 JPEG-LS; 0x51 JPEG 2000. */
  readonly marker: number
  /** Resolution levels that a decoder may skip. */
  readonly decompositions: number
}

/** Frame header of JPEG (ITU-T T.81 B.2.2) or JPEG-LS (T.87 C.2.2). */
export function readJpegSize(stream: Uint8Array): CodestreamSize {
  for (const { marker, from, to } of segments(stream, 2)) {
    const isFrame = (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7
    if (!isFrame) continue
    if (to - from < 6) break
    const view = new DataView(stream.buffer, stream.byteOffset + from, to - from)
    return {
      precision: view.getUint8(0),
      rows: view.getUint16(1),
      columns: view.getUint16(3),
      components: view.getUint8(5),
      marker,
      decompositions: 0,
    }
  }
  throw new UndecodablePixels('the JPEG bit stream has no frame header')
}

/** SIZ and COD of a JPEG 2000 codestream (ISO/IEC 15444-1 A.5.1, A.6.1). */
export function readJpeg2000Size(stream: Uint8Array): CodestreamSize {
  let size: CodestreamSize | undefined
  let offset = false
  for (const { marker, from, to } of segments(stream, 2)) {
    const view = new DataView(stream.buffer, stream.byteOffset + from, to - from)
    if (marker === 0x51 && to - from >= 37) {
      const [x, y, left, top] = [view.getUint32(2), view.getUint32(6), view.getUint32(10), view.getUint32(14)]
      offset = left !== 0 || top !== 0
      const precision = (view.getUint8(36) & 0x7f) + 1
      size = { rows: y - top, columns: x - left, components: view.getUint16(34), precision, marker, decompositions: 0 }
    } else if (marker === 0x52 && to - from >= 6 && size !== undefined) {
      // With an image offset the reduced grid no longer starts at the corner: such streams are decoded in full.
      return { ...size, decompositions: offset ? 0 : view.getUint8(5) }
    } else if (marker === 0x90) break
  }
  throw new UndecodablePixels('the JPEG 2000 codestream has no main header')
}

/** Some senders wrap the codestream into a JP2 file, which PS3.5 A.4.4 forbids: the wrapper is skipped. */
export function withoutJp2Wrapper(stream: Uint8Array): Uint8Array {
  if (stream[0] === 0xff && stream[1] === 0x4f) return stream
  const start = Buffer.from(stream.buffer, stream.byteOffset, Math.min(stream.length, 65_536)).indexOf(
    'ff4fff51',
    0,
    'hex',
  )
  if (start < 0) throw new UndecodablePixels('the bit stream is no JPEG 2000 codestream')
  return stream.subarray(start)
}

/** Marker segments with a length, in order; `from` and `to` enclose what follows the length. Stops at anything odd. */
export function* segments(stream: Uint8Array, start: number): Generator<{ marker: number; from: number; to: number }> {
  let position = start
  while (position + 4 <= stream.length && stream[position] === 0xff) {
    const marker = stream[position + 1] as number
    if (marker === 0xff) {
      position++
      continue
    }
    const length = ((stream[position + 2] as number) << 8) | (stream[position + 3] as number)
    const to = position + 2 + length
    if (length < 2 || to > stream.length) return
    yield { marker, from: position + 4, to }
    position = to
  }
}
