import type { DisplayTable } from '../../dicom/pixels/display-table.ts'
import type { Frame } from '../../dicom/pixels/frame.ts'
import type { Box } from '../localize/finding.ts'

/**
 * Area-averaged resampling of displayed values: each pixel given is the mean of what its rectangle of `source` covers,
 * parts of pixels by their part (a box filter, antialiased by nature). The display table is applied on the way, so
 * that no image of displayed values ever exists.
 */
export function resample(frame: Frame, table: DisplayTable, source: Box, rows: number, columns: number): Float32Array {
  const across = cells(source.left, source.right, columns, frame.columns, frame.reduction)
  const down = cells(source.top, source.bottom, rows, frame.rows, frame.reduction)
  const out = new Float32Array(rows * columns)
  const sums = new Float64Array(frame.columns)
  for (let row = 0; row < rows; row++) {
    const from = down[row] as number
    const to = down[row + 1] as number
    sums.fill(0)
    if (typeof table === 'function') addLines(sums, frame, table, from, to)
    else addFourLines(sums, frame, table, from, to)
    averageLine(sums, across, to - from, out.subarray(row * columns, (row + 1) * columns))
  }
  return out
}

/**
 * Borders of the target cells in pixels of the frame. Where resolution levels were skipped a pixel is centred on the
 * stored pixel 2^reduction k (the low-pass filters of JPEG 2000 are symmetric about it), not on the middle of the
 * 2^reduction pixels that it stands for: without this the image would shift by half a reduced pixel.
 */
function cells(from: number, to: number, count: number, available: number, reduction: number): Float64Array {
  const scale = 2 ** reduction
  const origin = 0.5 - scale / 2
  const borders = new Float64Array(count + 1)
  for (let i = 0; i <= count; i++) {
    const stored = from + ((to - from) * i) / count
    borders[i] = Math.min(Math.max((stored - origin) / scale, 0), available)
  }
  return borders
}

/** One line after the other, for frames of 32 bits, which have no table. */
function addLines(sums: Float64Array, frame: Frame, show: (raw: number) => number, from: number, to: number): void {
  const { pixels, columns } = frame
  for (let line = Math.floor(from); line < to; line++) {
    const weight = covered(line, from, to)
    for (let i = 0, a = line * columns; i < columns; i++, a++)
      sums[i] = (sums[i] as number) + weight * show(pixels[a] as number)
  }
}

/**
 * The hot loop of preprocessing: four lines at a time, of which those behind `to` count nothing. Half the time of one
 * line at a time, since the sums are read and written once for the four.
 */
function addFourLines(sums: Float64Array, frame: Frame, table: Float32Array, from: number, to: number): void {
  const { pixels, columns } = frame
  const last = Math.ceil(to) - 1
  for (let line = Math.floor(from); line < to; line += 4) {
    const [w0, w1, w2, w3] = [0, 1, 2, 3].map((i) => covered(line + i, from, to)) as [number, number, number, number]
    let a = line * columns
    let b = Math.min(line + 1, last) * columns
    let c = Math.min(line + 2, last) * columns
    let d = Math.min(line + 3, last) * columns
    for (let i = 0; i < columns; i++) {
      const sum = sums[i] as number
      sums[i] =
        sum +
        w0 * (table[pixels[a++] as number] as number) +
        w1 * (table[pixels[b++] as number] as number) +
        w2 * (table[pixels[c++] as number] as number) +
        w3 * (table[pixels[d++] as number] as number)
    }
  }
}

/** The part of a line that lies between two borders. */
function covered(line: number, from: number, to: number): number {
  return Math.max(0, Math.min(line + 1, to) - Math.max(line, from))
}

/** The mean of the column sums over each cell between two borders; `height` is what each sum covers. */
function averageLine(sums: Float64Array, across: Float64Array, height: number, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) {
    const from = across[i] as number
    const to = across[i + 1] as number
    const area = height * (to - from)
    if (area > 0) out[i] = sumBetween(sums, from, to) / area
  }
}

function sumBetween(sums: Float64Array, from: number, to: number): number {
  let column = Math.floor(from)
  let sum = -(from - column) * (sums[column] as number)
  const last = Math.floor(to)
  while (column < last) sum += sums[column++] as number
  return to > last ? sum + (to - last) * (sums[last] as number) : sum
}
