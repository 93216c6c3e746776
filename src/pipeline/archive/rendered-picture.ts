import { createCanvas } from '@napi-rs/canvas'
import { decodePixelData } from '../../dicom/pixels/decode-frame.ts'
import { toGray } from '../../dicom/pixels/displayed.ts'
import type { Frame, PixelAttributes, Window } from '../../dicom/pixels/frame.ts'
import { readPixelData } from '../../dicom/pixels/pixel-data.ts'
import { NotFound } from '../../errors.ts'
import { grayCanvas } from './gray-canvas.ts'

/** How a frame is to be rendered (PS3.18 8.3.5.1). */
export interface RenderOptions {
  readonly mediaType: 'image/jpeg' | 'image/png'
  /** From 1. */
  readonly frame: number
  readonly window?: Window | undefined
  readonly viewport?: Viewport | undefined
  /** 1 to 100, of a JPEG. */
  readonly quality?: number | undefined
}

/** The picture fits into width and height; `source` is in stored pixels, the whole frame when absent. */
export interface Viewport {
  readonly width: number
  readonly height: number
  readonly source?:
    | { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
    | undefined
}

const DEFAULT_QUALITY = 90

/** A frame as it is to be seen, in its true shape. Throws UndecodablePixels. */
export async function renderPicture(file: Buffer, options: RenderOptions): Promise<Buffer> {
  const { frame, size } = await decodeForSize(file, options)
  const full = grayCanvas(toGray(frame, options.window ? { window: options.window } : {}), frame.rows, frame.columns)
  const canvas = createCanvas(size.columns, size.rows)
  const context = canvas.getContext('2d')
  const scale = frame.columns / frame.storedColumns
  const source = options.viewport?.source ?? { left: 0, top: 0, width: frame.storedColumns, height: frame.storedRows }
  const { left, top, width, height } = source
  // Pixel for pixel nothing may be smoothed: the canvas would blur even then.
  context.imageSmoothingEnabled = size.columns !== width * scale || size.rows !== height * scale
  context.imageSmoothingQuality = 'high'
  context.drawImage(full, left * scale, top * scale, width * scale, height * scale, 0, 0, size.columns, size.rows)
  if (options.mediaType === 'image/png') return canvas.encode('png')
  return canvas.encode('jpeg', options.quality ?? DEFAULT_QUALITY)
}

/** The frame in 256 grays, with as many resolution levels skipped as `maximumSize` allows. */
export async function grayPicture(file: Buffer, maximumSize: number | undefined) {
  const data = readPixelData(file)
  const longest = Math.max(data.attributes.rows, data.attributes.columns)
  const frame = await decodePixelData(data, {
    reduction: reductionFor(data.attributes, longest / (maximumSize ?? longest)),
  })
  const { rows, columns, storedRows, storedColumns } = frame
  return { picture: { gray: toGray(frame), rows, columns }, image: { rows: storedRows, columns: storedColumns } }
}

async function decodeForSize(
  file: Buffer,
  { frame, viewport, window }: RenderOptions,
): Promise<{ frame: Frame; size: { rows: number; columns: number } }> {
  const data = readPixelData(file)
  const { attributes } = data
  if (frame > attributes.numberOfFrames) throw new NotFound('There is no such frame')
  const height = (viewport?.source?.height ?? attributes.rows) * Math.max(1, attributes.pixelAspectRatio)
  const width = (viewport?.source?.width ?? attributes.columns) * Math.max(1, 1 / attributes.pixelAspectRatio)
  const scale = viewport === undefined ? 1 : Math.min(viewport.width / width, viewport.height / height)
  const size = { rows: Math.max(1, Math.round(height * scale)), columns: Math.max(1, Math.round(width * scale)) }
  const reduction = window === undefined ? reductionFor(attributes, 1 / scale) : Math.max(0, levels(1 / scale))
  return { frame: await decodePixelData(data, { frame, reduction }), size }
}

/** Without a window the range of the image is the window, and a reduced image has another: nothing is skipped then. */
const reductionFor = ({ window, voiLut }: PixelAttributes, shrink: number): number =>
  window === null && voiLut === null ? 0 : Math.max(0, levels(shrink))

const levels = (shrink: number): number => Math.floor(Math.log2(shrink))
