import { UndecodablePixels } from '../../errors.ts'
import { type CodestreamSize, readJpegSize, segments } from './codestream-size.ts'
import { type HuffmanTable, toHuffmanTable } from './jpeg-huffman.ts'

/** The single scan of a one-component JPEG with its tables (ITU-T T.81 annex B). */
export interface JpegScan {
  readonly size: CodestreamSize
  readonly quantization: Int32Array
  readonly dc: HuffmanTable
  readonly ac: HuffmanTable | undefined
  /** Ss: the predictor of a lossless scan. */
  readonly selection: number
  /** Al: the point transform of a lossless scan. */
  readonly pointTransform: number
  /** MCUs between restart markers; 0 when there are none. */
  readonly restartInterval: number
  /** Entropy-coded bytes, one piece a restart interval, without stuffing and with spare zeros at the end. */
  readonly pieces: readonly Uint8Array[]
}

export function readJpegScan(stream: Uint8Array): JpegScan {
  const size = readJpegSize(stream)
  const tables = new Map<number, HuffmanTable>()
  const quantizations = new Map<number, Int32Array>()
  let restartInterval = 0
  let quantizationId = 0
  for (const { marker, from, to } of segments(stream, 2)) {
    const body = stream.subarray(from, to)
    if (marker === 0xc4) readHuffmanTables(body, tables)
    else if (marker === 0xdb) readQuantization(body, quantizations)
    else if (marker === 0xdd) restartInterval = ((body[0] ?? 0) << 8) | (body[1] ?? 0)
    else if (marker === size.marker) quantizationId = body[8] ?? 0
    else if (marker === 0xda) {
      if (body[0] !== 1) throw new UndecodablePixels('the JPEG scan has more than one component')
      const selector = body[2] ?? 0
      const dc = tables.get(selector >> 4)
      if (dc === undefined) throw new UndecodablePixels('the JPEG scan names a Huffman table that is missing')
      return {
        size,
        quantization: quantizations.get(quantizationId) ?? new Int32Array(64).fill(1),
        dc,
        ac: tables.get(0x10 | (selector & 15)),
        selection: body[3] ?? 0,
        pointTransform: (body[5] ?? 0) & 15,
        restartInterval,
        pieces: readPieces(stream, to),
      }
    }
  }
  throw new UndecodablePixels('the JPEG bit stream has no scan')
}

function readHuffmanTables(body: Uint8Array, tables: Map<number, HuffmanTable>): void {
  let at = 0
  while (at + 17 <= body.length) {
    const counts = body.subarray(at + 1, at + 17)
    const total = counts.reduce((sum, count) => sum + count, 0)
    if (at + 17 + total > body.length) throw new UndecodablePixels('a JPEG Huffman table is cut short')
    tables.set(body[at] as number, toHuffmanTable(counts, body.subarray(at + 17, at + 17 + total)))
    at += 17 + total
  }
}

/** Quantization values stay in zigzag order. */
function readQuantization(body: Uint8Array, quantizations: Map<number, Int32Array>): void {
  let at = 0
  while (at < body.length) {
    const head = body[at++] as number
    const wide = head >> 4 === 1
    const values = new Int32Array(64)
    for (let i = 0; i < 64; i++, at += wide ? 2 : 1) {
      values[i] = wide ? ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0) : (body[at] ?? 0)
    }
    quantizations.set(head & 15, values)
  }
}

const SPARE_BYTES = 16

function readPieces(stream: Uint8Array, start: number): readonly Uint8Array[] {
  const out = new Uint8Array(stream.length - start + SPARE_BYTES)
  const ends: number[] = []
  const source = Buffer.from(stream.buffer, stream.byteOffset, stream.length)
  let at = start
  let written = 0
  while (at < stream.length) {
    const next = source.indexOf(0xff, at)
    const stop = next < 0 ? stream.length : next
    out.set(stream.subarray(at, stop), written)
    written += stop - at
    const marker = stream[stop + 1]
    if (next < 0) break
    if (marker === 0) out[written++] = 0xff
    else if (marker !== undefined && marker >= 0xd0 && marker <= 0xd7) ends.push(written)
    else if (marker !== 0xff) break
    at = stop + (marker === 0xff ? 1 : 2)
  }
  ends.push(written)
  // A piece runs on into the next one's bytes: a reader that overruns gets garbage, never an access out of bounds.
  return ends.map((end, i) => out.subarray(ends[i - 1] ?? 0, end + SPARE_BYTES))
}
