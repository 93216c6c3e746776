import { readHeader } from '../../src/dicom/part10-header.ts'
import type { Finding } from '../../src/pipeline/localize/finding.ts'
import type { ReportImage, ReportInput, ReportModel } from '../../src/pipeline/report/report-input.ts'
import { makeRadiograph, type RadiographOptions } from './radiograph.ts'

export const researchModel: ReportModel = {
  name: 'hilum-opacity',
  version: '0.1.0',
  key: 'a'.repeat(64),
  manufacturer: 'Hilum',
  status: 'RESEARCH',
}

const opacity = { value: '112001', scheme: 'DCM', meaning: 'Opacity' }
const effusion = { value: '60046008', scheme: 'SCT', meaning: 'Pleural effusion' }
const lung = { value: '39607008', scheme: 'SCT', meaning: 'Lung' }

const whole = (label: string, code: typeof opacity, score: number): Finding => ({
  label,
  code,
  site: lung,
  score,
  present: score >= 0.5,
  region: null,
})

export const detected = (score: number, left: number, top: number, right: number, bottom: number): Finding => ({
  ...whole('Lung Opacity', opacity, score),
  present: true,
  region: { method: 'detected', box: { left, top, right, bottom } },
})

export const weak: Finding = {
  ...whole('Pleural Effusion', effusion, 0.71),
  region: {
    method: 'weakly-localized',
    box: { left: 34, top: 40, right: 60, bottom: 72 },
    polygon: [
      { column: 34, row: 50.3 },
      { column: 47.7, row: 40 },
      { column: 60, row: 61 },
      { column: 45, row: 72 },
    ],
  },
}

/** What a model may find in a radiograph of 80 rows and 64 columns. */
export const FINDINGS = {
  negative: [whole('Lung Opacity', opacity, 0.123), whole('Pleural Effusion', effusion, 0.04)],
  one: [whole('Lung Opacity', opacity, 0.91), detected(0.905, 8.4, 10.1, 27.3, 30)],
  doubtful: [whole('Lung Opacity', opacity, 0.364), detected(0.423, 8.4, 10.1, 27.3, 30)],
  many: [
    whole('Lung Opacity', opacity, 0.91),
    whole('Pleural Effusion', effusion, 0.71),
    detected(0.905, 8.4, 10.1, 27.3, 30),
    detected(0.61, 36, 12, 58, 44.5),
    detected(0.61, 10, 50, 30, 79.9),
    weak,
  ],
  weakOnly: [whole('Lung Opacity', opacity, 0.2), whole('Pleural Effusion', effusion, 0.71), weak],
} satisfies Readonly<Record<string, readonly Finding[]>>

export interface MadeImage {
  readonly image: ReportImage
  readonly bytes: Buffer
}

/** A radiograph of `overrides` with what was found in it; without findings it was not analysed, for `reasons`. */
export function makeReportImage(
  findings: readonly Finding[] | undefined,
  overrides: Readonly<Record<string, unknown>> = {},
  options: RadiographOptions & { readonly reasons?: readonly string[]; readonly models?: readonly ReportModel[] } = {},
): MadeImage {
  const { bytes } = makeRadiograph(overrides, options)
  const models = options.models ?? [researchModel]
  const analyses = findings ? models.map((model) => ({ model, provider: 'cpu', findings })) : []
  return { image: { instance: readHeader(bytes), reasons: options.reasons ?? [], analyses }, bytes }
}

export function makeReportInput(images: readonly ReportImage[], options: Partial<ReportInput> = {}): ReportInput {
  const [first] = images
  if (first === undefined) throw new Error('a study has images')
  return {
    studyInstanceUid: readStudyUid(first),
    images,
    node: { manufacturer: 'Hilum', modelName: 'Hilum', version: '0.1.0' },
    startedAt: new Date('2026-01-01T12:00:05Z'),
    timezoneOffset: '+0000',
    instanceNumber: 1,
    predecessors: [],
    ...options,
  }
}

function readStudyUid(image: ReportImage): ReportInput['studyInstanceUid'] {
  return String(image.instance.header['0020000D']?.Value?.[0]) as ReportInput['studyInstanceUid']
}
