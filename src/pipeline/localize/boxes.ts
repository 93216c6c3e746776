import type { Box } from './finding.ts'

/** A box that a model proposes, in image pixels. */
export interface BoxCandidate {
  readonly label: string
  readonly score: number
  readonly box: Box
}

export interface BoxRules {
  /** Candidates below are left out. */
  readonly threshold: number
  /** Candidates of one label that overlap a better one by more are left out; null keeps all. */
  readonly iou: number | null
  readonly maximum: number
  readonly rows: number
  readonly columns: number
}

const MINIMUM_SIDE = 1

/**
 * The best candidates, best first, within the image. Whatever a model may give is survived: scores and coordinates
 * that are no numbers, inverted and empty boxes are left out, and the work is bounded by candidates times `maximum`.
 */
export function selectBoxes(candidates: readonly BoxCandidate[], rules: BoxRules): readonly BoxCandidate[] {
  const plausible = candidates
    .filter(({ score }) => score >= rules.threshold && score <= Infinity)
    .map((candidate) => ({ ...candidate, box: clamp(candidate.box, rules) }))
    .filter(({ box }) => box.right - box.left >= MINIMUM_SIDE && box.bottom - box.top >= MINIMUM_SIDE)
    .toSorted(byScoreThenPlace)
  const kept: BoxCandidate[] = []
  for (const candidate of plausible) {
    if (kept.length === rules.maximum) break
    const { iou } = rules
    const covered =
      iou !== null &&
      kept.some((better) => better.label === candidate.label && overlap(better.box, candidate.box) > iou)
    if (!covered) kept.push(candidate)
  }
  return kept
}

/** Total, so that the same candidates give the same findings in whatever order they come. */
export function byScoreThenPlace(a: BoxCandidate, b: BoxCandidate): number {
  return (
    b.score - a.score ||
    a.box.top - b.box.top ||
    a.box.left - b.box.left ||
    a.box.bottom - b.box.bottom ||
    a.box.right - b.box.right ||
    (a.label < b.label ? -1 : Number(a.label > b.label))
  )
}

/** Intersection over union. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (area(a) + area(b) - shared)
}

function area({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top)
}

function clamp({ left, top, right, bottom }: Box, { rows, columns }: BoxRules): Box {
  const within = (value: number, limit: number) => Math.min(Math.max(value, 0), limit)
  return {
    left: within(left, columns),
    top: within(top, rows),
    right: within(right, columns),
    bottom: within(bottom, rows),
  }
}
