import { ModelUnusable } from '../../errors.ts'
import type { Box, Finding, Point, Region } from '../localize/finding.ts'
import { trackingUid } from './identity.ts'
import type { Matrix } from './label-placement.ts'
import type { ReportImage, ReportModel, TrackingIdentifierStyle } from './report-input.ts'
import { matrixOf } from './source-geometry.ts'

/** A present finding with a place that lies in the image. */
export interface DrawableRegion {
  readonly finding: Finding
  readonly method: Region['method']
  /** Inside the image. */
  readonly box: Box
  /** Closed: the last point is the first. A detected box has five: top left, top right, bottom right, bottom left. */
  readonly points: readonly Point[]
}

/** A region as SR and GSPS show it. */
export interface ReportRegion extends DrawableRegion {
  readonly model: ReportModel
  readonly trackingIdentifier: string
  readonly trackingUid: string
}

// two decimals: GraphicData is a 32-bit float and must be the same everywhere
const round = (value: number): number => Math.round(value * 100) / 100 + 0

function clampedTo(limit: number, value: number): number {
  return round(Math.min(Math.max(value, 0), limit))
}

function clampBox(box: Box, rows: number, columns: number, label: string): Box {
  const inside = {
    left: clampedTo(columns, box.left),
    top: clampedTo(rows, box.top),
    right: clampedTo(columns, box.right),
    bottom: clampedTo(rows, box.bottom),
  }
  // also true of NaN
  if (!(inside.right > inside.left && inside.bottom > inside.top)) {
    throw new ModelUnusable(`${label}: a region has no area inside the image`)
  }
  return inside
}

function corners({ left, top, right, bottom }: Box): readonly Point[] {
  return [
    { column: left, row: top },
    { column: right, row: top },
    { column: right, row: bottom },
    { column: left, row: bottom },
  ]
}

/** The polygon within the image without repeated points; the box where fewer than three points remain. */
function outline({ polygon = [] }: Region, box: Box, rows: number, columns: number): readonly Point[] {
  const inside = polygon
    .map((point) => ({ column: clampedTo(columns, point.column), row: clampedTo(rows, point.row) }))
    .filter((point, at, all) => {
      const before = all.at(at - 1)
      return point.column !== before?.column || point.row !== before.row
    })
  if (inside.some(({ column, row }) => Number.isNaN(column) || Number.isNaN(row))) return corners(box)
  return inside.length < 3 ? corners(box) : inside
}

function compare(a: Finding, b: Finding): number {
  const [one, other] = [a.region?.box, b.region?.box]
  if (a.label !== b.label) return a.label < b.label ? -1 : 1
  if (a.score !== b.score) return b.score - a.score
  if (!one || !other) return 0
  return one.left - other.left || one.top - other.top || one.right - other.right || one.bottom - other.bottom
}

/** Older OHIF takes a region for its own only with this prefix and the tool's name. */
function identifier(style: TrackingIdentifierStyle, name: string, isBox: boolean): string {
  if (style === 'plain') return name
  return `Cornerstone3DTools@^0.1.0:${isBox ? 'RectangleROI' : 'PlanarFreehandROI'}:${name}`
}

/** The present findings with a place, in a total order: label, falling score, place. */
export function drawableRegions(findings: readonly Finding[], { rows, columns }: Matrix): readonly DrawableRegion[] {
  return findings
    .filter(({ present }) => present)
    .toSorted(compare)
    .flatMap((finding) => {
      const { region, label } = finding
      if (region === null) return []
      const box = clampBox(region.box, rows, columns, label)
      const open = outline(region, box, rows, columns)
      return { finding, method: region.method, box, points: [...open, ...open.slice(0, 1)] }
    })
}

/** The regions of an image, model by model as given, each with its tracking identifiers. */
export function regionsOf(image: ReportImage, style: TrackingIdentifierStyle = 'plain'): readonly ReportRegion[] {
  return image.analyses.flatMap(({ model, findings }) => {
    const ordinals = new Map<string, number>()
    return drawableRegions(findings, matrixOf(image)).map((region) => {
      const { label } = region.finding
      const ordinal = (ordinals.get(label) ?? 0) + 1
      ordinals.set(label, ordinal)
      return {
        ...region,
        model,
        trackingIdentifier: identifier(style, `${label} ${ordinal}`, region.finding.region?.polygon === undefined),
        trackingUid: trackingUid(image.instance.sopInstanceUid, model.key, label, region.method, ordinal),
      }
    })
  })
}
