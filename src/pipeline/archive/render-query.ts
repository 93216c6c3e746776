import type { Window } from '../../dicom/pixels/frame.ts'
import { BadRequest } from '../../errors.ts'
import type { RenderOptions, Viewport } from './rendered-picture.ts'

type RenderQuery = Pick<RenderOptions, 'window' | 'viewport' | 'quality'>

const LARGEST_SIDE = 16_384
const SHAPES: ReadonlyMap<string, Window['shape']> = new Map([
  ['linear', 'LINEAR'],
  ['linear-exact', 'LINEAR_EXACT'],
  ['sigmoid', 'SIGMOID'],
])

/** Reads `window`, `viewport` and `quality` (PS3.18 8.3.5.1). Throws BadRequest for what cannot be meant. */
export function readRenderQuery(query: Readonly<{ [name: string]: unknown }>): RenderQuery {
  return {
    window: given(query['window'], readWindow),
    viewport: given(query['viewport'], readViewport),
    quality: given(query['quality'], readQuality),
  }
}

function given<T>(text: unknown, read: (text: string) => T): T | undefined {
  if (text === undefined || text === '') return undefined
  if (typeof text !== 'string') throw new BadRequest('A rendering parameter is given twice')
  return read(text)
}

function readWindow(text: string): Window {
  const [center, width, name = 'linear', ...more] = text.split(',').map((it) => it.trim())
  const shape = SHAPES.get(name.toLowerCase())
  const window = { center: toNumber(center), width: toNumber(width), shape: shape ?? 'LINEAR' }
  if (shape === undefined || more.length > 0 || window.width <= 0 || (shape === 'LINEAR' && window.width < 1))
    throw new BadRequest('window is center,width and linear, linear-exact or sigmoid')
  return window
}

/** `width,height`, then the rectangle of the image that is shown: left, top, width, height; what is left out is the whole. */
function readViewport(text: string): Viewport {
  const [width, height, ...rectangle] = text.split(',').map((it) => (it.trim() === '' ? 0 : toNumber(it)))
  const [left = 0, top = 0, sourceWidth = 0, sourceHeight = 0, ...more] = rectangle
  const sides = [width ?? 0, height ?? 0]
  if (more.length > 0 || sides.some((side) => side < 1 || side > LARGEST_SIDE))
    throw new BadRequest(`viewport is width,height and a rectangle; sides are 1 to ${LARGEST_SIDE}`)
  if (left < 0 || top < 0 || sourceWidth < 0 || sourceHeight < 0)
    throw new BadRequest('Flipped or outlying rectangles of a viewport are not supported')
  const size = { width: Math.trunc(width ?? 0), height: Math.trunc(height ?? 0) }
  const hasSource = sourceWidth > 0 && sourceHeight > 0
  return hasSource ? { ...size, source: { left, top, width: sourceWidth, height: sourceHeight } } : size
}

function readQuality(text: string): number {
  const quality = toNumber(text)
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) throw new BadRequest('quality is 1 to 100')
  return quality
}

function toNumber(text: string | undefined): number {
  const number = text === undefined || text === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(number)) throw new BadRequest('A rendering parameter is not a number')
  return number
}
