import { CONCEPTS } from './concepts.ts'
import { type ContentItem, text } from './content-item.ts'
import type { ReportModel } from './report-input.ts'

/** Algorithm Identification, TID 4019: name and version are mandatory, one parameter a TEXT item. */
export function algorithmIdentification(
  model: ReportModel,
  parameters: readonly string[] = [],
): readonly ContentItem[] {
  return [
    text('HAS CONCEPT MOD', CONCEPTS.algorithmName, model.name),
    text('HAS CONCEPT MOD', CONCEPTS.algorithmVersion, model.version),
    ...parameters.map((parameter) => text('HAS CONCEPT MOD', CONCEPTS.algorithmParameters, parameter)),
  ]
}

/** One parameter an item: whether scores are probabilities, and the threshold of each label. */
export function operatingParameters({
  calibration,
  operatingPoint,
  operatingPoints = {},
}: ReportModel): readonly string[] {
  const thresholds = Object.entries(operatingPoints)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, threshold]) => `threshold ${label}=${threshold}`)
  const point = operatingPoint === undefined ? [] : [`operating point=${operatingPoint}`]
  const score = calibration === undefined ? 'score=uncalibrated' : `score=calibrated (${calibration})`
  return [score, ...point, ...thresholds]
}

/** A region from an activation map is another claim than a detector's box, so it has another algorithm's name. */
export function weakLocalization(model: ReportModel): readonly ContentItem[] {
  const parameters = ['localization=weak (activation map of the image-level score; no detector)']
  return algorithmIdentification({ ...model, name: `${model.name}-cam` }, parameters)
}
