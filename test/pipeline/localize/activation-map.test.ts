import { expect, test } from 'vitest'
import { findMapRegions } from '../../../src/pipeline/localize/activation-map.ts'

const SIDE = 16
const toImage = (across: number, down: number) => ({ column: across * 1600, row: down * 3200 })
const mapOf = (value: (column: number, row: number) => number) => ({
  rows: SIDE,
  columns: SIDE,
  values: Float32Array.from({ length: SIDE * SIDE }, (_, i) => value(i % SIDE, Math.floor(i / SIDE))),
})
const blob = (column: number, row: number, x: number, y: number, height: number) =>
  height * Math.exp(-((column - x) ** 2 + (row - y) ** 2) / 6)

test('two hot places are two regions, the hotter first, where they are in the image', () => {
  const map = mapOf((column, row) => blob(column, row, 3.5, 3.5, 0.8) + blob(column, row, 11.5, 11.5, 0.95))

  const regions = findMapRegions(map, 0.5, toImage)

  expect(regions).toHaveLength(2)
  const [first, second] = regions
  expect(first?.score).toBeGreaterThan(second?.score ?? 1)
  // The blob's centre is the cell centre 11.5 + 0.5 of 16.
  expect(((first?.box.left ?? 0) + (first?.box.right ?? 0)) / 2).toBeCloseTo((12 / 16) * 1600, -1)
  expect(((first?.box.top ?? 0) + (first?.box.bottom ?? 0)) / 2).toBeCloseTo((12 / 16) * 3200, -1)
})

test('an outline has at most 100 points and lies in its box', () => {
  const map = mapOf((column, row) => ((column + row) % 2 === 0 || row === 8 ? 0.9 : 0.45))

  for (const { polygon, box } of findMapRegions(map, 0.5, toImage)) {
    expect(polygon.length).toBeLessThanOrEqual(100)
    for (const { column, row } of polygon) {
      expect(column >= box.left && column <= box.right && row >= box.top && row <= box.bottom).toBe(true)
    }
  }
})

test('the score is the greatest value inside, also of a region in a hole of another', () => {
  const distance = (column: number, row: number) => Math.hypot(column - 7.5, row - 7.5)
  const map = mapOf((column, row) => (distance(column, row) > 5 ? 0.7 : distance(column, row) < 2 ? 0.99 : 0))

  const scores = findMapRegions(map, 0.5, toImage).map(({ score }) => score)

  expect(scores[0]).toBeCloseTo(0.99, 1)
})

test('values that are no numbers count as nothing', () => {
  expect(
    findMapRegions(
      mapOf(() => Number.NaN),
      0.5,
      toImage,
    ),
  ).toEqual([])
})

test('a map that is hot all over is the whole image', () => {
  expect(
    findMapRegions(
      mapOf(() => 1),
      0.5,
      toImage,
    )[0]?.box,
  ).toEqual({ left: 0, top: 0, right: 1600, bottom: 3200 })
})
