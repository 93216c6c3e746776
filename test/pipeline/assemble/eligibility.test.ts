import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readHeader } from '../../../src/dicom/part10-header.ts'
import {
  CT_IMAGE,
  DIGITAL_X_RAY_FOR_PRESENTATION,
  DIGITAL_X_RAY_FOR_PROCESSING,
  SECONDARY_CAPTURE,
} from '../../../src/dicom/sop-class.ts'
import { INELIGIBILITY_REASONS, ineligibleBecause } from '../../../src/pipeline/assemble/eligibility.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { SHARED_MISSING, sharedFolder, sharedPath } from '../../support/shared.ts'

const rules = { modalities: ['CR', 'DX'], bodyParts: ['CHEST'], views: ['PA', 'AP'], minimumAgeYears: 16 }
const reasonsOf = (overrides: Record<string, unknown>): readonly string[] =>
  ineligibleBecause(readHeader(makeRadiograph(overrides).bytes), rules)
const code = (CodeValue: string, CodingSchemeDesignator: string, CodeMeaning: string): object[] => [
  { CodeValue, CodingSchemeDesignator, CodeMeaning },
]
const silent = { BodyPartExamined: undefined, ViewPosition: undefined, PatientOrientation: undefined }

test.each([
  { what: 'a CR of the chest', overrides: {} },
  {
    what: 'a DX of the chest',
    overrides: {
      SOPClassUID: DIGITAL_X_RAY_FOR_PRESENTATION,
      Modality: 'DX',
      PresentationIntentType: 'FOR PRESENTATION',
    },
  },
  { what: 'a radiograph that says nothing of part and view', overrides: silent },
  { what: 'a thorax by its study description', overrides: { ...silent, StudyDescription: 'THORAX' } },
  {
    what: 'a view by its code only',
    overrides: { ...silent, ViewCodeSequence: code('399348003', 'SCT', 'antero-posterior') },
  },
  {
    what: 'a study of both views whose image does not say',
    overrides: { ...silent, SeriesDescription: 'CHEST PA AND LATERAL' },
  },
  {
    what: 'a radiograph wrapped as a secondary capture',
    overrides: { SOPClassUID: SECONDARY_CAPTURE, Modality: 'DX' },
  },
  { what: 'an age without its unit', overrides: { PatientAge: '081' } },
  { what: 'a person of sixteen', overrides: { PatientAge: '016Y' } },
])('$what is eligible', ({ overrides }) => {
  expect(reasonsOf(overrides)).toEqual([])
})

test.each([
  { what: 'a CT slice', reason: 'NOT_A_RADIOGRAPH', overrides: { SOPClassUID: CT_IMAGE, Modality: 'CT' } },
  { what: 'a screenshot', reason: 'NOT_A_RADIOGRAPH', overrides: { SOPClassUID: SECONDARY_CAPTURE, Modality: 'OT' } },
  {
    what: 'a raw DX',
    reason: 'FOR_PROCESSING',
    overrides: { SOPClassUID: DIGITAL_X_RAY_FOR_PROCESSING, Modality: 'DX' },
  },
  { what: 'a derivation', reason: 'DERIVED_OR_SECONDARY', overrides: { ImageType: ['DERIVED', 'SECONDARY'] } },
  { what: 'what Hilum made', reason: 'OWN_OUTPUT', overrides: { Manufacturer: 'Hilum' } },
  { what: 'a knee', reason: 'NOT_CHEST', overrides: { BodyPartExamined: 'KNEE' } },
  { what: 'a knee by its protocol', reason: 'NOT_CHEST', overrides: { ...silent, ProtocolName: 'Knee AP' } },
  { what: 'a lateral view', reason: 'LATERAL_VIEW', overrides: { ViewPosition: 'LL' } },
  {
    what: 'a lateral view by its code',
    reason: 'LATERAL_VIEW',
    overrides: { ...silent, ViewCodeSequence: code('399198007', 'SCT', 'right lateral') },
  },
  {
    what: 'an oblique view by its code',
    reason: 'LATERAL_VIEW',
    overrides: { ...silent, ViewCodeSequence: code('399312000', 'SCT', 'antero-posterior oblique') },
  },
  {
    what: 'a lateral view by its orientation',
    reason: 'LATERAL_VIEW',
    overrides: { ...silent, PatientOrientation: ['A', 'F'] },
  },
  {
    what: 'a lateral view by its description',
    reason: 'LATERAL_VIEW',
    overrides: { ...silent, SeriesDescription: 'Thorax seitlich' },
  },
  { what: 'four frames', reason: 'MULTI_FRAME', overrides: { NumberOfFrames: 4 } },
  { what: 'a child', reason: 'CHILD', overrides: { PatientAge: '011M' } },
  {
    what: 'a child by its birth date',
    reason: 'CHILD',
    overrides: { PatientAge: undefined, PatientBirthDate: '20150601' },
  },
  { what: 'a color image', reason: 'COLOR_IMAGE', overrides: { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB' } },
  { what: 'a palette image', reason: 'COLOR_IMAGE', overrides: { PhotometricInterpretation: 'PALETTE COLOR' } },
  { what: 'no rows', reason: 'IMPLAUSIBLE_MATRIX', overrides: { Rows: 0 } },
  { what: '65,535 columns', reason: 'IMPLAUSIBLE_MATRIX', overrides: { Columns: 65_535 } },
  { what: 'a matrix without Columns', reason: 'IMPLAUSIBLE_MATRIX', overrides: { Columns: undefined } },
  { what: 'a thumbnail', reason: 'IMPLAUSIBLE_MATRIX', overrides: { Rows: 63 } },
] as const)('$what is not scored: $reason', ({ overrides, reason }) => {
  expect(reasonsOf(overrides)).toEqual([reason])
  expect(INELIGIBILITY_REASONS[reason]).toMatch(/\.$/)
})

const missing = sharedFolder() === undefined
const whySkipped = missing ? ` (skipped: ${SHARED_MISSING})` : ''
const filesOf = (folder: string): string[] =>
  missing ? [] : readdirSync(sharedPath('dicom', folder)).map((name) => join(folder, name))
const judge = (name: string, minimumAgeYears: number): readonly string[] =>
  ineligibleBecause(readHeader(readFileSync(sharedPath('dicom', name)).subarray(0, 1024 * 1024)), {
    ...rules,
    minimumAgeYears,
  })

test.skipIf(missing)(`the 22 real chest radiographs are eligible to a model without an age limit${whySkipped}`, () => {
  expect(filesOf('chest')).toHaveLength(22)
  for (const name of filesOf('chest')) expect([name, judge(name, 0)]).toEqual([name, []])
})

test.skipIf(missing)(
  `of them, the four whose header gives an age of 4 or 5 years are children to a model for adults${whySkipped}`,
  () => {
    const children = filesOf('chest').filter((name) => judge(name, 16).length > 0)
    expect(children.map((name) => /\d{8}_\d{3}/.exec(name)?.[0])).toEqual([
      '00001362_008',
      '00003564_000',
      '00001933_000',
      '00002634_000',
    ])
    for (const name of children) expect(judge(name, 16)).toEqual(['CHILD'])
  },
)

test.skipIf(missing)(`the hips and tibias are not${whySkipped}`, () => {
  expect(filesOf('not-chest')).toHaveLength(5)
  for (const name of filesOf('not-chest')) expect(judge(name, 0)).toContain('NOT_CHEST')
})
