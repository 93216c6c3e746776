import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BoxCandidate, overlap, selectBoxes } from '../../../src/pipeline/localize/boxes.ts'

const rules = { threshold: 0.3, iou: 0.4, maximum: 12, rows: 100, columns: 200 }
const at = (score: number, left: number, top: number, right: number, bottom: number): BoxCandidate => {
  return { label: 'Lung Opacity', score, box: { left, top, right, bottom } }
}

test('of boxes that overlap the best stays', () => {
  const kept = selectBoxes([at(0.6, 12, 10, 52, 50), at(0.9, 10, 10, 50, 50), at(0.5, 100, 50, 120, 70)], rules)

  expect(kept.map(({ score }) => score)).toEqual([0.9, 0.5])
})

test('boxes of other labels never hide one', () => {
  const other = { ...at(0.6, 10, 10, 50, 50), label: 'Nodule' }

  expect(selectBoxes([at(0.9, 10, 10, 50, 50), other], rules)).toHaveLength(2)
})

test.each([
  ['a score that is no number', at(Number.NaN, 10, 10, 50, 50)],
  ['a coordinate that is no number', at(0.9, Number.NaN, 10, 50, 50)],
  ['an inverted box', at(0.9, 50, 10, 10, 50)],
  ['an empty box', at(0.9, 50, 10, 50, 50)],
  ['a box outside the image', at(0.9, 300, 10, 350, 50)],
])('%s is left out', (_name, candidate) => {
  expect(selectBoxes([candidate], rules)).toEqual([])
})

test('a box that reaches beyond the image is cut at its border', () => {
  expect(selectBoxes([at(0.9, -Infinity, -5, Infinity, 50)], rules)[0]?.box).toEqual({
    left: 0,
    top: 0,
    right: 200,
    bottom: 50,
  })
})

test('the order in which a model gives its boxes changes nothing', () => {
  const edge = fc.double({ min: -20, max: 220, noNaN: true })
  const candidate = fc.tuple(fc.constantFrom(0.3, 0.5, 0.9), edge, edge, edge, edge).map((args) => at(...args))
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 20 }), (candidates) => {
      expect(selectBoxes(candidates.toReversed(), rules)).toEqual(selectBoxes(candidates, rules))
    }),
  )
})

test('ten thousand boxes take no time worth naming', () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    at(0.3 + (i % 700) / 1000, i % 190, i % 90, (i % 190) + 9, (i % 90) + 9),
  )
  const startedAt = performance.now()

  const kept = selectBoxes(many, rules)

  expect(kept).toHaveLength(12)
  expect(performance.now() - startedAt).toBeLessThan(1000)
})

test('overlap of halves is a third', () => {
  expect(overlap({ left: 0, top: 0, right: 2, bottom: 1 }, { left: 1, top: 0, right: 3, bottom: 1 })).toBeCloseTo(1 / 3)
})
