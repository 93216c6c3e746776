import { UndecodablePixels } from '../../errors.ts'
import { inverseDct } from './inverse-dct.ts'
import { BitReader, type HuffmanTable } from './jpeg-huffman.ts'
import type { JpegScan } from './jpeg-scan.ts'

// oxfmt-ignore
const ZIGZAG = Uint8Array.of(
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
)

/**
 * Sequential DCT JPEG of 12 bits (ITU-T T.81 annex F; process 4) of one component, with libjpeg's integer IDCT.
 * Own code because no package of the registry reads 12 bits.
 */
export function decodeExtended(scan: JpegScan): Uint16Array {
  const { rows, columns, precision } = scan.size
  const { ac } = scan
  if (ac === undefined) throw new UndecodablePixels('the JPEG scan names a Huffman table that is missing')
  if (precision !== 8 && precision !== 12) throw new UndecodablePixels(`JPEG precision ${precision}`)
  const across = Math.ceil(columns / 8)
  const blocks = across * Math.ceil(rows / 8)
  const interval = scan.restartInterval === 0 ? blocks : scan.restartInterval
  const out = new Uint16Array(rows * columns)
  const block = new Int32Array(64)
  for (let first = 0, piece = 0; first < blocks; first += interval, piece++) {
    const bytes = scan.pieces[piece]
    if (bytes === undefined) throw new UndecodablePixels('the JPEG bit stream is cut short')
    const reader = new BitReader(bytes)
    let prediction = 0
    for (let i = first; i < Math.min(first + interval, blocks); i++) {
      prediction += readBlock(reader, scan.dc, ac, scan.quantization, prediction, block)
      if (reader.overrun) throw new UndecodablePixels('the JPEG bit stream is cut short')
      inverseDct(block, precision)
      copyBlock(block, out, Math.floor(i / across) * 8, (i % across) * 8, rows, columns)
    }
  }
  return out
}

/** Fills the block with dequantized coefficients in natural order; returns the DC difference. */
function readBlock(
  reader: BitReader,
  dc: HuffmanTable,
  ac: HuffmanTable,
  quantization: Int32Array,
  prediction: number,
  block: Int32Array,
): number {
  block.fill(0)
  const difference = reader.difference(dc)
  block[0] = (prediction + difference) * (quantization[0] as number)
  for (let k = 1; k < 64; k++) {
    const symbol = reader.symbol(ac)
    const size = symbol & 15
    if (size === 0) {
      if (symbol !== 0xf0) break
      k += 15
      continue
    }
    k += symbol >> 4
    const value = reader.signed(size)
    if (k < 64) block[ZIGZAG[k] as number] = value * (quantization[k] as number)
  }
  return difference
}

function copyBlock(
  block: Int32Array,
  out: Uint16Array,
  top: number,
  left: number,
  rows: number,
  columns: number,
): void {
  const height = Math.min(8, rows - top)
  const width = Math.min(8, columns - left)
  for (let y = 0; y < height; y++) {
    const to = (top + y) * columns + left
    for (let x = 0; x < width; x++) out[to + x] = block[y * 8 + x] as number
  }
}
