import { createRequire } from 'node:module'
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'
import { grayCanvas } from '../archive/gray-canvas.ts'
import type { Finding } from '../localize/finding.ts'
import { footerText } from './disclaimer.ts'
import { labelWidth, lineHeight, type Matrix, placeLabels } from './label-placement.ts'
import { LAYERS } from './layers.ts'
import { regionLabel } from './region-label.ts'
import type { ReportModel } from './report-input.ts'
import { drawableRegions, type DrawableRegion } from './report-region.ts'

/** Gray values of the radiograph as displayed, row by row, 0 black; it may be smaller than the stored matrix. */
export interface Picture extends Matrix {
  readonly gray: Uint8Array
}

export interface OverlayOptions {
  /** Named in the footer. */
  readonly models: readonly Pick<ReportModel, 'name' | 'version' | 'status'>[]
  /** The stored matrix, in whose pixels the findings are; the picture's own size when absent. */
  readonly image?: Matrix | undefined
  /** Of the longer side of the PNG; never enlarged. */
  readonly maximumSize?: number | undefined
}

const FONT = 'Hilum Sans'

// From the package, not the machine: a container has no fonts, and the picture must be the same everywhere.
function registerFont(): void {
  if (GlobalFonts.has(FONT)) return
  GlobalFonts.registerFromPath(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'), FONT)
}

function colour(method: DrawableRegion['method']): string {
  const name = method === 'detected' ? 'AI_BOXES' : 'AI_CAM'
  return LAYERS.find((layer) => layer.name === name)?.css ?? '#ffffff'
}

/** A dark rim under the line, so that it is seen on bright bone as well as on dark lung; weak outlines are dashed. */
function drawOutline(context: SKRSContext2D, { points, method }: DrawableRegion, line: number): void {
  const width = Math.max(1, line / 7)
  context.beginPath()
  for (const [at, { column, row }] of points.entries()) {
    if (at === 0) context.moveTo(column, row)
    else context.lineTo(column, row)
  }
  context.closePath()
  context.lineJoin = 'round'
  context.setLineDash(method === 'detected' ? [] : [line * 0.6, line * 0.4])
  context.strokeStyle = 'rgba(0, 0, 0, 0.6)'
  context.lineWidth = width * 2
  context.stroke()
  context.strokeStyle = colour(method)
  context.lineWidth = width
  context.stroke()
  context.setLineDash([])
}

function drawText(
  context: SKRSContext2D,
  text: string,
  box: { left: number; top: number; width: number },
  line: number,
): void {
  context.font = `${line * 0.8}px "${FONT}"`
  context.textBaseline = 'middle'
  context.fillText(text, box.left + line * 0.2, box.top + line / 2, box.width - line * 0.4)
}

function drawLabels(context: SKRSContext2D, regions: readonly DrawableRegion[], matrix: Matrix, line: number): void {
  const labels = regions.map(({ finding, box }) => ({ text: regionLabel(finding), region: box }))
  for (const [at, { box }] of placeLabels(labels, matrix).entries()) {
    const region = regions[at]
    const label = labels[at]
    if (!region || !label) continue
    const width = box.right - box.left
    context.fillStyle = 'rgba(0, 0, 0, 0.55)'
    context.fillRect(box.left, box.top, width, line)
    context.fillStyle = colour(region.method)
    drawText(context, label.text, { left: box.left, top: box.top, width }, line)
  }
}

function drawFooter(context: SKRSContext2D, text: string, { rows, columns }: Matrix, line: number): void {
  // the line is long: it shrinks to the width of the picture before it is cut
  const height = Math.min(line, (line * columns) / labelWidth(text, line))
  context.fillStyle = 'rgba(0, 0, 0, 0.65)'
  context.fillRect(0, rows - line * 1.2, columns, line * 1.2)
  context.fillStyle = '#ffffff'
  drawText(context, text, { left: 0, top: rows - line * 0.6 - height / 2, width: columns }, height)
}

/**
 * The radiograph with what its presentation state shows: boxes, dashed outlines where the place is weakly localized,
 * labels with scores at the same coordinates, and the footer. A PNG; no side longer than `maximumSize`.
 */
export async function drawOverlay(
  picture: Picture,
  findings: readonly Finding[],
  options: OverlayOptions,
): Promise<Buffer> {
  registerFont()
  const matrix = options.image ?? { rows: picture.rows, columns: picture.columns }
  const size = Math.max(picture.rows, picture.columns)
  const scale = Math.min(1, (options.maximumSize ?? size) / size)
  const canvas = createCanvas(
    Math.max(1, Math.round(picture.columns * scale)),
    Math.max(1, Math.round(picture.rows * scale)),
  )
  const context = canvas.getContext('2d')
  context.imageSmoothingQuality = 'high'
  context.drawImage(grayCanvas(picture.gray, picture.rows, picture.columns), 0, 0, canvas.width, canvas.height)
  // from here on in image pixels, as the findings are
  context.scale(canvas.width / matrix.columns, canvas.height / matrix.rows)
  const line = lineHeight(matrix)
  const regions = drawableRegions(findings, matrix)
  for (const region of regions) drawOutline(context, region, line)
  drawLabels(context, regions, matrix, line)
  drawFooter(context, footerText(options.models), matrix, line)
  return canvas.encode('png')
}
