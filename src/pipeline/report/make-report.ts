import type { SeriesInstanceUid, SopInstanceUid } from '../../dicom/uid.ts'
import type { ReportInput } from './report-input.ts'

export type { ReportInput } from './report-input.ts'

/** One DICOM object that reports on a study, as a Part 10 file. */
export interface ReportObject {
  readonly kind: 'SR' | 'GSPS'
  readonly sopClassUid: string
  readonly sopInstanceUid: SopInstanceUid
  readonly seriesInstanceUid: SeriesInstanceUid
  /** The image that a presentation state belongs to; null for the SR, which is of the whole study. */
  readonly sourceSopInstanceUid: SopInstanceUid | null
  readonly bytes: Uint8Array
}

/** One SR for the study and a GSPS for each image with regions; none when no image was analysed. */
export function makeReport(input: ReportInput): readonly ReportObject[] {
  void input
  throw new Error('not written yet')
}
