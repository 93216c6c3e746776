import { createHash } from 'node:crypto'
import { deriveUid, type SeriesInstanceUid, type SopInstanceUid, type StudyInstanceUid } from '../../dicom/uid.ts'
import type { ReportInput, ReportModel } from './report-input.ts'

/** Raise whenever the bytes change for the same input: same UID must mean same bytes. */
const ENCODER = '1'

export const SR_SERIES_NUMBER = 9001
export const GSPS_SERIES_NUMBER = 9002

export type ReportKind = 'SR' | 'GSPS'

/**
 * Identity of what a report is made from: images and their revisions, models, node and options; not the findings and
 * not the number of the report. Same key as the study's last report: there is nothing new to report.
 */
export function reportKey(input: ReportInput): string {
  const images = input.images
    .map(({ instance, reasons, analyses }) => [
      instance.sopInstanceUid,
      instance.sha256 ?? '',
      analyses.map(({ model, provider }) => [
        [model.name, model.version, model.key, model.manufacturer, model.status, provider],
        [model.operatingPoint ?? '', ...Object.entries(model.operatingPoints ?? {}).toSorted(byLabel)],
      ]),
      reasons,
    ])
    .map((image) => JSON.stringify(image))
    .toSorted()
  const { manufacturer, modelName, version, serialNumber } = input.node
  const options = [
    input.srSopClass ?? 'comprehensive3d',
    input.trackingIdentifierStyle ?? 'plain',
    // the machine's zone is in the bytes where none is configured
    input.timezoneOffset ?? String(-input.startedAt.getTimezoneOffset()),
    manufacturer,
    modelName,
    version,
    serialNumber ?? '',
  ]
  const identity = JSON.stringify([ENCODER, input.studyInstanceUid, images, options])
  return createHash('sha256').update(identity).digest('hex')
}

const byLabel = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1)

/** The number is part of it, so that going back to an earlier model makes a new document and not the old one's double. */
export function reportSopInstanceUid(kind: ReportKind, input: ReportInput, imageUid = ''): SopInstanceUid {
  return deriveUid('instance', kind, reportKey(input), String(input.instanceNumber), imageUid)
}

/** One series a kind, study and node: revisions share it, since viewers show the newest of a series. */
export function reportSeriesInstanceUid(
  kind: ReportKind,
  studyUid: StudyInstanceUid,
  nodeName: string,
): SeriesInstanceUid {
  return deriveUid('series', kind, studyUid, nodeName)
}

/** Of one region of one image by one model; never the same in another study, as nothing matches lesions over time. */
export function trackingUid(
  imageUid: string,
  modelKey: string,
  label: string,
  method: string,
  ordinal: number,
): string {
  return deriveUid('tracking', imageUid, modelKey, label, method, String(ordinal))
}

export function observationUid(reportUid: string, path: string): string {
  return deriveUid('observation', reportUid, path)
}

/** Changes with the weights (IHE AIR: a retrained model is another device). */
export function deviceUid(models: readonly ReportModel[]): string {
  return deriveUid('device', ...models.flatMap(({ name, key }) => [name, key]))
}

/** The models of a report, each once, in a fixed order. */
export function modelsOf(images: ReportInput['images']): readonly ReportModel[] {
  const models = new Map<string, ReportModel>()
  for (const { analyses } of images)
    for (const { model } of analyses) models.set(`${model.name}\u001f${model.key}`, model)
  return [...models.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, model]) => model)
}
