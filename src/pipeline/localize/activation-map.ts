import { contours } from 'd3-contour'
import type { Box, Point } from './finding.ts'
import { simplifyRing, type RingPoint } from './simplify-ring.ts'

/** A map of one label over the model's input, row by row. */
export interface ActivationGrid {
  readonly rows: number
  readonly columns: number
  readonly values: Float32Array
}

export interface MapRegion {
  /** The greatest value inside. */
  readonly score: number
  readonly box: Box
  readonly polygon: readonly Point[]
}

const MAXIMUM_POINTS = 100
const FINE_SIDE = 128
const MAXIMUM_REGIONS = 32

/**
 * The connected parts of a map above a threshold, best first, with their outlines in image pixels. The map is first
 * made finer, since a map of 16 x 16 cells has corners and no outlines. Values that are no numbers count as 0.
 * @param toImage from map coordinates, as fractions of its width and height, to the image
 */
export function findMapRegions(
  grid: ActivationGrid,
  threshold: number,
  toImage: (across: number, down: number) => Point,
): readonly MapRegion[] {
  const fine = upsample(grid)
  const shape = contours().size([fine.columns, fine.rows]).contour(Array.from(fine.values), threshold)
  const cell = (fine.columns / grid.columns) * (fine.rows / grid.rows)
  return shape.coordinates
    .filter(([ring = []]) => areaOf(ring) >= cell)
    .map(([ring = []]) => toRegion(fine, ring, toImage))
    .filter(({ box, polygon }) => polygon.length >= 3 && box.right - box.left >= 1 && box.bottom - box.top >= 1)
    .toSorted((a, b) => b.score - a.score || a.box.top - b.box.top || a.box.left - b.box.left)
    .slice(0, MAXIMUM_REGIONS)
}

/** By the shoelace formula; what is smaller than a cell of the model's own map is a peak that just touches the threshold. */
function areaOf(ring: readonly number[][]): number {
  let twice = 0
  for (const [i, [x1 = 0, y1 = 0]] of ring.entries()) {
    const [x2 = 0, y2 = 0] = ring[(i + 1) % ring.length] ?? []
    twice += x1 * y2 - x2 * y1
  }
  return Math.abs(twice) / 2
}

function toRegion(
  fine: ActivationGrid,
  ring: readonly number[][],
  toImage: (across: number, down: number) => Point,
): MapRegion {
  // GeoJSON rings repeat their first point at the end.
  const open = ring.slice(0, -1).map(([x = 0, y = 0]): RingPoint => [x, y])
  const polygon = simplifyRing(open, MAXIMUM_POINTS).map(([x, y]) => toImage(x / fine.columns, y / fine.rows))
  const columns = polygon.map(({ column }) => column)
  const rows = polygon.map(({ row }) => row)
  const box = {
    left: Math.min(...columns),
    top: Math.min(...rows),
    right: Math.max(...columns),
    bottom: Math.max(...rows),
  }
  return { score: greatestInside(fine, open), box, polygon }
}

/** Bilinear between cell centres, level beyond the outermost ones. */
function upsample({ rows, columns, values }: ActivationGrid): ActivationGrid {
  const factor = Math.max(1, Math.round(FINE_SIDE / Math.max(rows, columns)))
  const fine = {
    rows: rows * factor,
    columns: columns * factor,
    values: new Float32Array(rows * columns * factor * factor),
  }
  const at = (row: number, column: number) => {
    const value =
      values[Math.min(Math.max(row, 0), rows - 1) * columns + Math.min(Math.max(column, 0), columns - 1)] ?? 0
    return Number.isFinite(value) ? value : 0
  }
  for (let row = 0; row < fine.rows; row++) {
    const y = (row + 0.5) / factor - 0.5
    const top = Math.floor(y)
    for (let column = 0; column < fine.columns; column++) {
      const x = (column + 0.5) / factor - 0.5
      const left = Math.floor(x)
      const above = at(top, left) * (left + 1 - x) + at(top, left + 1) * (x - left)
      const below = at(top + 1, left) * (left + 1 - x) + at(top + 1, left + 1) * (x - left)
      fine.values[row * fine.columns + column] = above * (top + 1 - y) + below * (y - top)
    }
  }
  return fine
}

function greatestInside(fine: ActivationGrid, ring: readonly RingPoint[]): number {
  let greatest = 0
  for (let row = 0; row < fine.rows; row++) {
    const crossings = crossingsOf(ring, row + 0.5)
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.ceil((crossings[i] as number) - 0.5)
      for (let column = from; column + 0.5 <= (crossings[i + 1] as number); column++) {
        greatest = Math.max(greatest, fine.values[row * fine.columns + column] ?? 0)
      }
    }
  }
  return greatest
}

/** Where a horizontal line enters and leaves the ring, from left to right. */
function crossingsOf(ring: readonly RingPoint[], y: number): readonly number[] {
  const crossings: number[] = []
  for (const [i, [x1, y1]] of ring.entries()) {
    const [x2, y2] = ring[(i + 1) % ring.length] as RingPoint
    if (y1 <= y !== y2 <= y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1))
  }
  return crossings.toSorted((a, b) => a - b)
}
