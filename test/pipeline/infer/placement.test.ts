import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boxToImage, place, toImage } from '../../../src/pipeline/infer/placement.ts'

const model = { rows: 256, columns: 256 }

test('a letterbox is undone exactly', () => {
  const placement = place({ rows: 1000, columns: 500, pixelAspectRatio: 1 }, model, 'letterbox')

  expect(placement.target).toEqual({ modelLeft: 64, modelTop: 0, modelRight: 192, modelBottom: 256 })
  expect(boxToImage(placement, { modelLeft: 96, modelTop: 64, modelRight: 128, modelBottom: 192 })).toEqual({
    left: 125,
    top: 250,
    right: 250,
    bottom: 750,
  })
})

test('a crop shows the middle', () => {
  const placement = place({ rows: 1000, columns: 500, pixelAspectRatio: 1 }, model, 'crop')

  expect(toImage(placement, { modelColumn: 0, modelRow: 0 })).toEqual({ column: 0, row: 250 })
  expect(toImage(placement, { modelColumn: 256, modelRow: 256 })).toEqual({ column: 500, row: 750 })
})

test('pixels twice as tall as wide fill a letterbox as an image of twice the height would', () => {
  expect(place({ rows: 500, columns: 500, pixelAspectRatio: 2 }, model, 'letterbox').target).toEqual(
    place({ rows: 1000, columns: 500, pixelAspectRatio: 1 }, model, 'letterbox').target,
  )
})

test('whatever the shape, model corners land in the image and keep their order', () => {
  const side = fc.integer({ min: 1, max: 20_000 })
  const ratio = fc.double({ min: 0.1, max: 10, noNaN: true })
  const aspect = fc.constantFrom('squash' as const, 'letterbox' as const, 'crop' as const)
  fc.assert(
    fc.property(side, side, ratio, aspect, (rows, columns, pixelAspectRatio, how) => {
      const placement = place({ rows, columns, pixelAspectRatio }, model, how)
      const box = boxToImage(placement, { modelLeft: 0, modelTop: 0, modelRight: 256, modelBottom: 256 })
      expect(box.left >= 0 && box.right <= columns && box.left < box.right).toBe(true)
      expect(box.top >= 0 && box.bottom <= rows && box.top < box.bottom).toBe(true)
    }),
  )
})
