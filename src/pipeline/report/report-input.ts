import type { DicomJson } from '../../dicom/dataset.ts'
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../../dicom/uid.ts'
import type { Finding } from '../localize/finding.ts'

/** What a report says of the model that made its findings; a ModelIdentity of infer/ fits. */
export interface ReportModel {
  readonly name: string
  readonly version: string
  /** Identity of weights, manifest and preprocessing: other key, other report. */
  readonly key: string
  readonly manufacturer: string
  readonly status: 'RESEARCH' | 'PRODUCT'
  /** How the scores were made probabilities; absent: they are only scores. */
  readonly calibration?: string | undefined
  /** The operating point in force and its thresholds by label, written as parameters of the algorithm. */
  readonly operatingPoint?: string | undefined
  readonly operatingPoints?: Readonly<Record<string, number>> | undefined
}

/** The package may have been replaced since it ran: then what the record kept of it must do. */
export function modelOf(
  models: readonly ReportModel[],
  run: { readonly modelName: string; readonly modelVersion: string; readonly modelKey: string },
): ReportModel {
  const loaded = models.find(({ key }) => key === run.modelKey)
  return (
    loaded ?? {
      name: run.modelName,
      version: run.modelVersion,
      key: run.modelKey,
      manufacturer: '',
      status: 'RESEARCH',
    }
  )
}

export interface ReportAnalysis {
  readonly model: ReportModel
  /** The execution provider that really ran. */
  readonly provider: string
  readonly findings: readonly Finding[]
}

export interface ReportImage {
  readonly instance: {
    readonly sopClassUid: string
    readonly sopInstanceUid: SopInstanceUid
    readonly seriesInstanceUid: SeriesInstanceUid
    readonly header: DicomJson
    /** Of the stored matrix; from the header when absent. */
    readonly rows?: number | undefined
    readonly columns?: number | undefined
    /** Of the file: an instance with the same UID and other bytes makes another report. */
    readonly sha256?: string | undefined
  }
  /** Why it was not analysed: codes or sentences; written into the report as they are. */
  readonly reasons: readonly string[]
  /** Empty: not analysed. */
  readonly analyses: readonly ReportAnalysis[]
}

/** The device that writes the report: this software. */
export interface ReportNode {
  readonly manufacturer: string
  readonly modelName: string
  readonly version: string
  readonly serialNumber?: string | undefined
}

/** A report that this one supersedes (Predecessor Documents, PS3.3 C.17.2). */
export interface Predecessor {
  readonly sopClassUid: string
  readonly sopInstanceUid: SopInstanceUid
  readonly seriesInstanceUid: SeriesInstanceUid
  readonly studyInstanceUid: StudyInstanceUid
}

export type SrSopClass = 'comprehensive3d' | 'comprehensive' | 'enhanced'

/** 'cornerstone3d' writes the tracking identifiers that OHIF before 3.12 wants before it offers a region for edit. */
export type TrackingIdentifierStyle = 'plain' | 'cornerstone3d'

export interface ReportInput {
  readonly studyInstanceUid: StudyInstanceUid
  readonly images: readonly ReportImage[]
  readonly node: ReportNode
  /** First start of the analysis, from the record and never the clock: it is part of the bytes. */
  readonly startedAt: Date
  /** Offset of the site, as +0100, when configured. The source's own (0008,0201) goes before it. */
  readonly timezoneOffset?: string | undefined
  /** 1 for the first report of a study, one higher for each that supersedes. */
  readonly instanceNumber: number
  readonly predecessors: readonly Predecessor[]
  readonly srSopClass?: SrSopClass | undefined
  readonly trackingIdentifierStyle?: TrackingIdentifierStyle | undefined
}
