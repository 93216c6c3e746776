import { UndecodablePixels } from '../../errors.ts'
import { BitReader, type HuffmanTable } from './jpeg-huffman.ts'
import type { JpegScan } from './jpeg-scan.ts'

/**
 * Lossless sequential JPEG (ITU-T T.81 annex H; processes 14 and 14 SV1) of one component.
 * Own code because the JavaScript library for it takes three times what GDCM takes.
 */
export function decodeLossless(scan: JpegScan): Uint16Array {
  const { rows, columns, precision } = scan.size
  const { selection, pointTransform, restartInterval } = scan
  if (selection < 1 || selection > 7) throw new UndecodablePixels(`JPEG lossless predictor ${selection}`)
  if (precision < 2 || precision > 16 || pointTransform >= precision)
    throw new UndecodablePixels(`JPEG precision ${precision}`)
  if (restartInterval % columns !== 0)
    throw new UndecodablePixels('a JPEG restart interval is no whole number of lines')
  const rowsAPiece = restartInterval === 0 ? rows : restartInterval / columns
  const out = new Uint16Array(rows * columns)
  for (let row = 0, piece = 0; row < rows; row += rowsAPiece, piece++) {
    const bytes = scan.pieces[piece]
    if (bytes === undefined) throw new UndecodablePixels('the JPEG bit stream is cut short')
    const reader = new BitReader(bytes)
    const lines = out.subarray(row * columns, Math.min(row + rowsAPiece, rows) * columns)
    decodeLines(reader, scan.dc, lines, columns, selection, 1 << (precision - pointTransform - 1))
  }
  if (pointTransform > 0) for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) << pointTransform
  return out
}

function decodeLines(
  reader: BitReader,
  table: HuffmanTable,
  out: Uint16Array,
  columns: number,
  selection: number,
  start: number,
): void {
  let left = start
  for (let i = 0; i < columns; i++) left = out[i] = (left + reader.difference(table)) & 0xffff
  for (let line = columns; line < out.length; line += columns) {
    if (reader.overrun) throw new UndecodablePixels('the JPEG bit stream is cut short')
    left = out[line] = ((out[line - columns] as number) + reader.difference(table)) & 0xffff
    const end = line + columns
    if (selection === 1) {
      for (let i = line + 1; i < end; i++) left = out[i] = (left + reader.difference(table)) & 0xffff
    } else {
      for (let i = line + 1; i < end; i++) {
        const above = out[i - columns] as number
        const corner = out[i - columns - 1] as number
        left = out[i] = (predict(selection, left, above, corner) + reader.difference(table)) & 0xffff
      }
    }
  }
  if (reader.overrun) throw new UndecodablePixels('the JPEG bit stream is cut short')
}

/** Table H.1. */
function predict(selection: number, left: number, above: number, corner: number): number {
  switch (selection) {
    case 2:
      return above
    case 3:
      return corner
    case 4:
      return left + above - corner
    case 5:
      return left + ((above - corner) >> 1)
    case 6:
      return above + ((left - corner) >> 1)
    case 7:
      return (left + above) >> 1
    default:
      return left
  }
}
