import { writePart10 } from '../../dicom/part10-writer.ts'
import type { Dataset } from '../../dicom/dataset.ts'
import type { SeriesInstanceUid, SopInstanceUid } from '../../dicom/uid.ts'
import { type ReportKind, reportSeriesInstanceUid, reportSopInstanceUid } from './identity.ts'
import { measurementReport } from './measurement-report.ts'
import { presentationState } from './presentation-state.ts'
import type { ReportInput } from './report-input.ts'
import { regionsOf } from './report-region.ts'

export { reportKey } from './identity.ts'
export type { ReportImage, ReportInput } from './report-input.ts'

/** One DICOM object that reports on a study, as a Part 10 file. */
export interface ReportObject {
  readonly kind: ReportKind
  readonly sopClassUid: string
  readonly sopInstanceUid: SopInstanceUid
  readonly seriesInstanceUid: SeriesInstanceUid
  /** The image that a presentation state belongs to; null for the SR, which is of the whole study. */
  readonly sourceSopInstanceUid: SopInstanceUid | null
  readonly bytes: Uint8Array
}

function toObject(input: ReportInput, kind: ReportKind, dataset: Dataset, source: SopInstanceUid | null): ReportObject {
  return {
    kind,
    sopClassUid: String(dataset['SOPClassUID']),
    sopInstanceUid: reportSopInstanceUid(kind, input, source ?? ''),
    seriesInstanceUid: reportSeriesInstanceUid(kind, input.studyInstanceUid, input.node.modelName),
    sourceSopInstanceUid: source,
    bytes: writePart10(dataset),
  }
}

/**
 * One SR for the study, and a presentation state for each analysed image that has regions. No object at all when no
 * image was analysed. The same input gives the same UIDs and the same bytes, so that storing them twice is harmless.
 * Throws ModelUnusable for a score or region that no object can say (NaN, no area inside the image).
 */
export function makeReport(input: ReportInput): readonly ReportObject[] {
  const images = input.images.toSorted((a, b) => (a.instance.sopInstanceUid < b.instance.sopInstanceUid ? -1 : 1))
  const analysed = images.filter(({ analyses }) => analyses.length > 0)
  const [source] = analysed
  if (source === undefined) return []
  const ordered = { ...input, images }
  const report = measurementReport(ordered, source, reportSopInstanceUid('SR', ordered))
  const states = analysed
    .filter((image) => regionsOf(image).length > 0)
    .map((image, at) =>
      toObject(ordered, 'GSPS', presentationState(ordered, image, at + 1), image.instance.sopInstanceUid),
    )
  return [toObject(ordered, 'SR', report, null), ...states]
}
