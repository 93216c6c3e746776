import type { Box, Point } from '../localize/finding.ts'

export type Aspect = 'squash' | 'letterbox' | 'crop'

/** Model pixels, continuous: 0,0 is the top left corner of the model's first pixel. Never leaves this folder. */
export interface ModelBox {
  readonly modelLeft: number
  readonly modelTop: number
  readonly modelRight: number
  readonly modelBottom: number
}

export interface ModelPoint {
  readonly modelColumn: number
  readonly modelRow: number
}

/** Which part of the image lies on which part of the model's input. Both are rectangles, so two affine maps. */
export interface Placement {
  readonly rows: number
  readonly columns: number
  readonly source: Box
  /** Whole model pixels. */
  readonly target: ModelBox
}

interface Size {
  readonly rows: number
  readonly columns: number
}

/**
 * How an image meets a model: `squash` fills the input and ignores the shape; `letterbox` shows the whole image with
 * its true shape between bars; `crop` fills the input with the middle of the image in its true shape. True shape
 * takes PixelAspectRatio (vertical to horizontal) into account.
 */
export function place(image: Size & { readonly pixelAspectRatio: number }, model: Size, aspect: Aspect): Placement {
  const { rows, columns, pixelAspectRatio } = image
  const whole = { left: 0, top: 0, right: columns, bottom: rows }
  const full = { modelLeft: 0, modelTop: 0, modelRight: model.columns, modelBottom: model.rows }
  if (aspect === 'squash') return { rows, columns, source: whole, target: full }
  const perColumn = model.columns / columns
  const perRow = model.rows / (rows * pixelAspectRatio)
  if (aspect === 'letterbox') {
    const scale = Math.min(perColumn, perRow)
    const width = atLeastOne(columns * scale, model.columns)
    const height = atLeastOne(rows * pixelAspectRatio * scale, model.rows)
    const modelLeft = Math.floor((model.columns - width) / 2)
    const modelTop = Math.floor((model.rows - height) / 2)
    const target = { modelLeft, modelTop, modelRight: modelLeft + width, modelBottom: modelTop + height }
    return { rows, columns, source: whole, target }
  }
  const scale = Math.max(perColumn, perRow)
  const width = Math.min(columns, model.columns / scale)
  const height = Math.min(rows, model.rows / (scale * pixelAspectRatio))
  const left = (columns - width) / 2
  const top = (rows - height) / 2
  return { rows, columns, source: { left, top, right: left + width, bottom: top + height }, target: full }
}

/** The one crossing from model to image coordinates; what lies outside the image (bars) is moved to its border. */
export function toImage({ rows, columns, source, target }: Placement, point: ModelPoint): Point {
  const perColumn = (source.right - source.left) / (target.modelRight - target.modelLeft)
  const perRow = (source.bottom - source.top) / (target.modelBottom - target.modelTop)
  return {
    column: clamp(source.left + (point.modelColumn - target.modelLeft) * perColumn, columns),
    row: clamp(source.top + (point.modelRow - target.modelTop) * perRow, rows),
  }
}

/** A box crosses by two of its corners. */
export function boxToImage(placement: Placement, box: ModelBox): Box {
  const from = toImage(placement, { modelColumn: box.modelLeft, modelRow: box.modelTop })
  const to = toImage(placement, { modelColumn: box.modelRight, modelRow: box.modelBottom })
  return { left: from.column, top: from.row, right: to.column, bottom: to.row }
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, 0), limit)
}

function atLeastOne(value: number, limit: number): number {
  return Math.min(Math.max(Math.round(value), 1), limit)
}
