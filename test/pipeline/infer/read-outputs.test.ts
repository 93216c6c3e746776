import { expect, test } from 'vitest'
import { ModelUnusable } from '../../../src/errors.ts'
import type { Outputs } from '../../../src/pipeline/infer/model-outputs.ts'
import { place } from '../../../src/pipeline/infer/placement.ts'
import { readFindings } from '../../../src/pipeline/infer/read-outputs.ts'
import { tinyManifest } from '../../support/tiny-model.ts'

const manifest = tinyManifest()
const placement = place({ rows: 640, columns: 640, pixelAspectRatio: 1 }, manifest.input, 'squash')

function outputs({ score = 0.9, boxes = [0.1, 0.1, 0.3, 0.3], boxScores = [0.8], map = 0 }): Outputs {
  return {
    score: { values: Float32Array.of(score), dimensions: [1, 1] },
    boxes: { values: Float32Array.from(boxes), dimensions: [1, boxes.length / 4, 4] },
    box_scores: { values: Float32Array.from(boxScores), dimensions: [1, boxScores.length] },
    activation_map: { values: new Float32Array(256).fill(map), dimensions: [1, 1, 16, 16] },
  }
}
const read = (given: Parameters<typeof outputs>[0], all = false) =>
  readFindings(outputs(given), { manifest, placement, options: { all } })

test('an image score that is no number is the model’s fault and no finding', () => {
  expect(() => read({ score: Number.NaN })).toThrow(ModelUnusable)
})

test('boxes, box scores and maps that hold what is no number are left out', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinite } = Number
  const found = read({
    boxes: [nan, 0, 1, 1, 0, 0, infinite, 1, 0.1, 0.1, 0.3, 0.3],
    boxScores: [0.9, 0.9, nan],
    map: nan,
  })

  expect(found.map(({ region }) => region)).toEqual([null])
})

test('a box crosses to the image and is rounded to a tenth of a pixel', () => {
  expect(read({})[1]?.region?.box).toEqual({ left: 64, top: 64, right: 192, bottom: 192 })
})

test('regions below their threshold are shown only when all are asked for, from 0.01', () => {
  const given = { boxes: [0.1, 0.1, 0.3, 0.3, 0.5, 0.5, 0.9, 0.9], boxScores: [0.2, 0.005] }

  expect(read(given)).toHaveLength(1)
  expect(read(given, true).map(({ score }) => score)).toEqual([0.9, 0.2])
})

test('a weakly localized region needs a positive image score', () => {
  const methods = (score: number) => read({ score, boxScores: [0], map: 0.7 }).map(({ region }) => region?.method)

  expect(methods(0.9)).toEqual([undefined, 'weakly-localized'])
  expect(methods(0.4)).toEqual([undefined])
})
