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
  const sums = new Float64Array(rows * columns)
  const line = new Float64Array(columns)
  const running = new Float64Array(frame.columns + 1)
  const last = down[rows] as number
  for (let row = Math.floor(down[0] as number), out = 0; row < frame.rows && row < last; row++) {
    accumulate(frame, table, row, running)
    integrate(running, across, line)
    // A source row lies in one target row, or on the border of several.
    for (let target = out; target < rows && (down[target] as number) < row + 1; target++) {
      const weight = Math.min(row + 1, down[target + 1] as number) - Math.max(row, down[target] as number)
      if (weight > 0)
        for (let i = 0; i < columns; i++)
          sums[target * columns + i] = (sums[target * columns + i] as number) + weight * (line[i] as number)
      if ((down[target + 1] as number) <= row + 1) out = target + 1
    }
  }
  return divideByArea(sums, across, down, rows, columns)
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

/** Running sums of a row's displayed values: any stretch of it is then one subtraction. */
function accumulate({ pixels, columns }: Frame, table: DisplayTable, row: number, running: Float64Array): void {
  const start = row * columns
  let sum = 0
  if (typeof table === 'function') {
    for (let i = 0; i < columns; i++) running[i + 1] = sum += table(pixels[start + i] as number)
    return
  }
  for (let i = 0; i < columns; i++) running[i + 1] = sum += table[pixels[start + i] as number] as number
}

function integrate(running: Float64Array, borders: Float64Array, out: Float64Array): void {
  let before = at(running, borders[0] as number)
  for (let i = 0; i < out.length; i++) {
    const after = at(running, borders[i + 1] as number)
    out[i] = after - before
    before = after
  }
}

function at(running: Float64Array, position: number): number {
  const index = Math.floor(position)
  const value = running[index] as number
  const part = position - index
  return part === 0 ? value : value + part * ((running[index + 1] as number) - value)
}

function divideByArea(
  sums: Float64Array,
  across: Float64Array,
  down: Float64Array,
  rows: number,
  columns: number,
): Float32Array {
  const out = new Float32Array(sums.length)
  for (let row = 0; row < rows; row++) {
    const height = (down[row + 1] as number) - (down[row] as number)
    for (let column = 0; column < columns; column++) {
      const area = height * ((across[column + 1] as number) - (across[column] as number))
      const i = row * columns + column
      out[i] = area > 0 ? (sums[i] as number) / area : 0
    }
  }
  return out
}
