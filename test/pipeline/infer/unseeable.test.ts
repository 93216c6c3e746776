import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { UndecodablePixels } from '../../../src/errors.ts'
import { readPixelData } from '../../../src/dicom/pixels/pixel-data.ts'
import { decodeForModel, toModelInput } from '../../../src/pipeline/infer/model-input.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { sharedFolder, sharedPath, SHARED_MISSING } from '../../support/shared.ts'
import { tinyManifest } from '../../support/tiny-model.ts'

const { input } = tinyManifest()

// Each of these would look like a radiograph without findings to a model.
test.each([
  { what: 'all pixels alike', overrides: {}, pixels: new Uint16Array(80 * 64).fill(700) },
  { what: 'a rescale that makes all alike', overrides: { RescaleSlope: 1, RescaleIntercept: 1e9 } },
  { what: 'a window far from every value', overrides: { WindowCenter: 60_000, WindowWidth: 10 } },
])('an image is refused when it shows nothing: $what', async ({ overrides, pixels }) => {
  const { bytes } = makeRadiograph(overrides, pixels ? { pixels } : {})

  const frame = await decodeForModel(readPixelData(bytes), input)

  expect(() => toModelInput(frame, input)).toThrow(UndecodablePixels)
})

test('a LUT with fewer entries than its descriptor says is refused', () => {
  const lut = { LUTDescriptor: [4096, 0, 12], ModalityLUTType: 'US', LUTData: [1, 2] }
  const { bytes } = makeRadiograph({ ModalityLUTSequence: [lut] })

  expect(() => readPixelData(bytes)).toThrow(UndecodablePixels)
})

test.skipIf(sharedFolder() === undefined)(
  `half of an HTJ2K codestream is no image ${sharedFolder() === undefined ? SHARED_MISSING : ''}`,
  async () => {
    const bytes = readFileSync(sharedPath('dicom/chest/rg1_mono1_15bit_htj2k.dcm'))
    const end = bytes.lastIndexOf(Buffer.from('ffd9', 'hex'))
    const half = Buffer.from(bytes).fill(0, Math.floor(end / 2), end + 2)

    await expect(decodeForModel(readPixelData(half), input)).rejects.toThrow(UndecodablePixels)
  },
)
