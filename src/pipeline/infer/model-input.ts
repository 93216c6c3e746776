import { UndecodablePixels } from '../../errors.ts'
import { decodePixelData } from '../../dicom/pixels/decode-frame.ts'
import { toDisplayTable } from '../../dicom/pixels/display-table.ts'
import type { Frame, PixelAttributes } from '../../dicom/pixels/frame.ts'
import type { PixelData } from '../../dicom/pixels/pixel-data.ts'
import { mapIntensity } from './intensity.ts'
import type { ModelInputSpecification } from './manifest.ts'
import { place, type Placement } from './placement.ts'
import { resample } from './resample.ts'

/** Counts what preprocessing has ever meant; part of a model's key, so that a change of it is a new analysis. */
export const PREPROCESS_VERSION = 1

/** Samples that must be left along each side of a model pixel when resolution levels are skipped. */
const OVERSAMPLING = 2

export interface ModelInput {
  /** NCHW, or NHWC as the manifest says, of one image. */
  readonly values: Float32Array
  readonly dimensions: readonly number[]
  readonly placement: Placement
}

/** Decodes only as many resolution levels as the model can see. */
export function decodeForModel(data: PixelData, input: ModelInputSpecification): Promise<Frame> {
  return decodePixelData(data, { reduction: reductionFor(data.attributes, input) })
}

/**
 * Without a window the range of the image is the window, and a reduced image has a smaller one: then nothing is
 * skipped.
 */
export function reductionFor(attributes: PixelAttributes, input: ModelInputSpecification): number {
  if (attributes.window === null && attributes.voiLut === null) return 0
  const { source, target } = place(attributes, input, input.aspect)
  const perColumn = (source.right - source.left) / (target.modelRight - target.modelLeft)
  const perRow = (source.bottom - source.top) / (target.modelBottom - target.modelTop)
  return Math.max(0, Math.floor(Math.log2(Math.min(perColumn, perRow) / OVERSAMPLING)))
}

/** A decoded frame to what the model's tensor holds. @throws UndecodablePixels when its LUTs leave nothing to be seen. */
export function toModelInput(frame: Frame, input: ModelInputSpecification): ModelInput {
  const image = { rows: frame.storedRows, columns: frame.storedColumns, pixelAspectRatio: frame.pixelAspectRatio }
  const placement = place(image, input, input.aspect)
  const { modelLeft, modelTop, modelRight, modelBottom } = placement.target
  const [rows, columns] = [modelBottom - modelTop, modelRight - modelLeft]
  const displayed = resample(frame, toDisplayTable(frame), placement.source, rows, columns)
  if (!hasContrast(displayed)) throw new UndecodablePixels('the image is blank when its LUTs are applied')
  const shown = mapIntensity(displayed, input.intensity)
  const full = rows === input.rows && columns === input.columns ? shown : onBlack(shown, placement, input)
  const first = input.layout === 'NCHW'
  const dimensions = first
    ? [1, input.channels, input.rows, input.columns]
    : [1, input.rows, input.columns, input.channels]
  return { values: toChannels(full, input), dimensions, placement }
}

/** More than one gray of the 256 of a screen: a blank image would be scored as one without findings. */
function hasContrast(image: Float32Array): boolean {
  let [least, greatest] = [Infinity, -Infinity]
  for (const value of image) {
    least = Math.min(least, value)
    greatest = Math.max(greatest, value)
  }
  return greatest - least > 1 / 255
}

/** The bars of a letterbox are black. */
function onBlack(image: Float32Array, { target }: Placement, input: ModelInputSpecification): Float32Array {
  const columns = target.modelRight - target.modelLeft
  const out = new Float32Array(input.rows * input.columns)
  for (let row = target.modelTop, from = 0; row < target.modelBottom; row++, from += columns) {
    out.set(image.subarray(from, from + columns), row * input.columns + target.modelLeft)
  }
  return out
}

function toChannels(image: Float32Array, { layout, channels, mean, deviation }: ModelInputSpecification): Float32Array {
  const size = image.length
  const out = new Float32Array(size * channels)
  for (let channel = 0; channel < channels; channel++) {
    const [shift, scale] = [mean[channel] ?? 0, deviation[channel] ?? 1]
    const [start, step] = layout === 'NCHW' ? [channel * size, 1] : [channel, channels]
    for (let i = 0; i < size; i++) out[start + i * step] = ((image[i] as number) - shift) / scale
  }
  return out
}
