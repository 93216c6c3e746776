import { ModelUnusable } from '../../errors.ts'
import { type ActivationGrid, findMapRegions, type MapRegion } from '../localize/activation-map.ts'
import { type BoxCandidate, selectBoxes } from '../localize/boxes.ts'
import { type FindingOptions, type LabelEvidence, toFindings } from '../localize/regions.ts'
import type { Finding } from '../localize/finding.ts'
import { activate } from './activation.ts'
import type { ActivationMapHead, BoxHead, Manifest } from './manifest.ts'
import type { Outputs } from './model-outputs.ts'
import { boxToImage, type ModelBox, type Placement, toImage } from './placement.ts'

const LEAST_SCORE = 0.01

export interface ReadContext {
  readonly manifest: Manifest
  readonly placement: Placement
  readonly options: FindingOptions
}

/** The labels of a manifest in their order, each with its image-level statement and its places in image pixels. */
export function readFindings(outputs: Outputs, context: ReadContext): readonly Finding[] {
  const { manifest, options } = context
  return manifest.findings.flatMap((rule) => {
    const evidence = gather(outputs, context, rule)
    return evidence === null ? [] : toFindings(evidence, options)
  })
}

/** Null when no head speaks of the label. */
function gather(outputs: Outputs, context: ReadContext, rule: Manifest['findings'][number]): LabelEvidence | null {
  const { label, code, site } = rule
  let image: { score: number; operatingPoint: number } | undefined
  let boxThreshold = 1
  const boxes: BoxCandidate[] = []
  const mapRegions: MapRegion[] = []
  for (const head of context.manifest.outputs) {
    const index = head.labels.indexOf(label)
    if (index < 0) continue
    if (head.kind === 'classification') {
      const score = activate(outputs[head.tensor]?.values ?? new Float32Array(), head.activation)[index] ?? Number.NaN
      if (!Number.isFinite(score)) throw new ModelUnusable(`output '${head.tensor}' gave no number for '${label}'`)
      image = { score, operatingPoint: head.operatingPoints[head.defaultOperatingPoint]?.[index] ?? 1 }
    } else if (head.kind === 'boxes') {
      boxThreshold = head.threshold
      if (rule.region.includes('boxes')) boxes.push(...readBoxes(outputs, head, index, context))
    } else if (rule.region.includes('activation-map')) mapRegions.push(...readMap(outputs, head, index, context))
  }
  const best = Math.max(0, ...boxes.map(({ score }) => score), ...mapRegions.map(({ score }) => score))
  // A detector without a global head says of the image what it says of its best place.
  const { score, operatingPoint } = image ?? { score: best, operatingPoint: boxThreshold }
  return { label, code, site, score, operatingPoint, boxThreshold, boxes, mapRegions }
}

function readBoxes(outputs: Outputs, head: BoxHead, index: number, context: ReadContext): readonly BoxCandidate[] {
  const { values = new Float32Array() } = outputs[head.tensor] ?? {}
  const scores = activate(outputs[head.scoresTensor]?.values ?? new Float32Array(), head.activation ?? 'none')
  const count = head.labels.length
  const candidates: BoxCandidate[] = []
  for (let i = 0; i * 4 < values.length; i++) {
    const score = scores[i * count + index] ?? Number.NaN
    if (!(score >= LEAST_SCORE)) continue
    const box = toModelBox(values.subarray(i * 4, i * 4 + 4), head, context.manifest.input)
    if (box !== null)
      candidates.push({ label: head.labels[index] ?? '', score, box: boxToImage(context.placement, box) })
  }
  return selectBoxes(candidates, {
    threshold: context.options.all ? LEAST_SCORE : Math.min(head.threshold, 1),
    iou: head.nms.kind === 'hard' ? head.nms.iou : null,
    maximum: head.maximum,
    rows: context.placement.rows,
    columns: context.placement.columns,
  })
}

/** Null for a box that is inverted or holds what is no number. */
function toModelBox(values: Float32Array, head: BoxHead, model: { rows: number; columns: number }): ModelBox | null {
  const [a = 0, b = 0, c = 0, d = 0] = values
  const corners = {
    ltrb: [a, b, c, d],
    ltwh: [a, b, a + c, b + d],
    cxcywh: [a - c / 2, b - d / 2, a + c / 2, b + d / 2],
  }
  const [left = 0, top = 0, right = 0, bottom = 0] = corners[head.format]
  if (!(right > left) || !(bottom > top) || ![left, top, right, bottom].every(Number.isFinite)) return null
  const [x, y] = head.space === 'normalized' ? [model.columns, model.rows] : [1, 1]
  return { modelLeft: left * x, modelTop: top * y, modelRight: right * x, modelBottom: bottom * y }
}

/** With `all` a map that stays below its threshold still shows where its upper half lies. */
function readMap(outputs: Outputs, head: ActivationMapHead, index: number, context: ReadContext): readonly MapRegion[] {
  const { values = new Float32Array(), dimensions = [] } = outputs[head.tensor] ?? {}
  const [, , rows = 1, columns = 1] = dimensions
  const size = rows * columns
  const activated = activate(values.subarray(index * size, (index + 1) * size), head.activation)
  const grid: ActivationGrid = { rows, columns, values: activated }
  const greatest = activated.reduce((most, value) => (value > most && value < Infinity ? value : most), 0)
  const wanted = head.thresholdOf === 'maximum' ? head.threshold * greatest : head.threshold
  const threshold = context.options.all && greatest < wanted ? greatest / 2 : wanted
  if (greatest < threshold || greatest < LEAST_SCORE) return []
  const { input } = context.manifest
  return findMapRegions(grid, threshold, (across, down) =>
    toImage(context.placement, { modelColumn: across * input.columns, modelRow: down * input.rows }),
  )
}
