import type { Code } from '../../dicom/code.ts'
import type { BoxCandidate } from './boxes.ts'
import type { MapRegion } from './activation-map.ts'
import type { Box, Finding, Point, Region } from './finding.ts'

/** What a model says of one label, in image pixels. */
export interface LabelEvidence {
  readonly label: string
  readonly code: Code
  readonly site: Code | null
  /** 0 to 1, of the whole image. */
  readonly score: number
  readonly operatingPoint: number
  /** Score from which a box is present. */
  readonly boxThreshold: number
  readonly boxes: readonly BoxCandidate[]
  readonly mapRegions: readonly MapRegion[]
}

export interface FindingOptions {
  /** Also what is below its threshold, from a score of 0.01. */
  readonly all: boolean
}

const LEAST_SCORE = 0.01

/**
 * One statement on the whole image, then the places, best first. A weakly localized region tells where the image score
 * comes from: without a positive score there is nothing to point at.
 */
export function toFindings(evidence: LabelEvidence, { all }: FindingOptions): readonly Finding[] {
  const { label, code, site, operatingPoint, boxThreshold } = evidence
  const score = roundScore(evidence.score)
  const positive = score >= operatingPoint
  const regional = (region: Region, value: number, present: boolean): Finding => {
    return { label, code, site, score: roundScore(value), present, region }
  }
  const detected = evidence.boxes.map(({ box, score: value }) =>
    regional({ method: 'detected', box: roundBox(box) }, value, roundScore(value) >= boxThreshold),
  )
  const weak = evidence.mapRegions.map(({ box, polygon, score: value }) =>
    regional({ method: 'weakly-localized', box: roundBox(box), polygon: polygon.map(roundPoint) }, value, positive),
  )
  const shown = [...detected, ...weak].filter((finding) => (all ? finding.score >= LEAST_SCORE : finding.present))
  return [{ label, code, site, score, present: positive, region: null }, ...shown]
}

function roundScore(score: number): number {
  return Math.round(Math.min(Math.max(score, 0), 1) * 1000) / 1000
}

function roundBox({ left, top, right, bottom }: Box): Box {
  return { left: tenth(left), top: tenth(top), right: tenth(right), bottom: tenth(bottom) }
}

function roundPoint({ column, row }: Point): Point {
  return { column: tenth(column), row: tenth(row) }
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}
