import { createCanvas, loadImage } from '@napi-rs/canvas'
import { expect, test } from 'vitest'
import { drawOverlay, type OverlayOptions } from '../../../src/pipeline/report/overlay.ts'
import { detected, FINDINGS, researchModel } from '../../support/report-input.ts'

const picture = { gray: new Uint8Array(400 * 300).fill(90), rows: 400, columns: 300 }
const options: OverlayOptions = { models: [researchModel] }
const box = detected(0.9, 100, 150, 200, 250)

async function draw(findings = [box], overrides: Partial<OverlayOptions> = {}) {
  const png = await loadImage(await drawOverlay(picture, findings, { ...options, ...overrides }))
  const context = createCanvas(png.width, png.height).getContext('2d')
  context.drawImage(png, 0, 0)
  return {
    width: png.width,
    height: png.height,
    pixel: (column: number, row: number) => [...context.getImageData(column, row, 1, 1).data.slice(0, 3)],
  }
}

const isGray = ([red = 0, green = 0, blue = 0]: number[]): boolean => red === green && green === blue

test('the outline is amber on the edge of the box, and what is inside stays as it was', async () => {
  const { pixel } = await draw()

  const [red = 0, , blue = 0] = pixel(100, 200)
  expect(red - blue).toBeGreaterThan(100)
  expect(pixel(150, 200)).toEqual([90, 90, 90])
})

test('findings of the whole image draw nothing but the footer', async () => {
  const { pixel } = await draw([...FINDINGS.negative])

  for (let row = 0; row < 380; row += 7) expect(pixel(150, row)).toEqual([90, 90, 90])
  expect(pixel(299, 398)).not.toEqual([90, 90, 90])
})

test('the picture keeps its shape within the maximum size, and is never enlarged', async () => {
  expect(await draw([box], { maximumSize: 200 })).toMatchObject({ width: 150, height: 200 })
  expect(await draw([box], { maximumSize: 4000 })).toMatchObject({ width: 300, height: 400 })
})

test('findings of a larger matrix come out at their share of the picture', async () => {
  const large = detected(0.9, 1000, 1500, 2000, 2500)
  const { pixel } = await draw([large], { image: { rows: 4000, columns: 3000 } })

  expect(isGray(pixel(100, 200))).toBe(false)
  expect(pixel(150, 200)).toEqual([90, 90, 90])
})
