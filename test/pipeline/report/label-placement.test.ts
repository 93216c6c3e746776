import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Box } from '../../../src/pipeline/localize/finding.ts'
import { footerBox, placeLabels } from '../../../src/pipeline/report/label-placement.ts'

const matrix = { rows: 2000, columns: 1800 }
const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const region = fc
  .tuple(fc.double({ min: 0, max: 1700, noNaN: true }), fc.double({ min: 0, max: 1900, noNaN: true }))
  .map(([left, top]) => ({ left, top, right: left + 100, bottom: top + 100 }))

test('labels lie inside the image, clear of the footer and of each other', () => {
  fc.assert(
    fc.property(fc.array(region, { maxLength: 25 }), (regions) => {
      const placed = placeLabels(
        regions.map((box) => ({ text: 'Lung Opacity 91%', region: box })),
        matrix,
      ).map(({ box }) => box)

      for (const [at, box] of placed.entries()) {
        expect(box.left >= 0 && box.right <= matrix.columns && box.top >= 0).toBe(true)
        expect(overlap(box, footerBox(matrix))).toBe(false)
        expect(placed.slice(0, at).some((other) => overlap(box, other))).toBe(false)
      }
    }),
  )
})

test('a label stands above its region where there is room', () => {
  const [placed] = placeLabels(
    [{ text: 'Nodule 50%', region: { left: 500, top: 600, right: 700, bottom: 800 } }],
    matrix,
  )

  expect(placed?.box.bottom).toBe(600)
  expect(placed?.box.left).toBe(500)
})

test('ten thousand labels are placed in bounded time', () => {
  const many = Array.from({ length: 10_000 }, () => ({
    text: 'x 1%',
    region: { left: 0, top: 0, right: 9, bottom: 9 },
  }))

  expect(placeLabels(many, matrix)).toHaveLength(10_000)
})
