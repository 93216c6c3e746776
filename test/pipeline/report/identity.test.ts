import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUid } from '../../../src/dicom/uid.ts'
import { makeReport, reportKey } from '../../../src/pipeline/report/make-report.ts'
import type { ReportModel } from '../../../src/pipeline/report/report-input.ts'
import { FINDINGS, makeReportImage, makeReportInput, researchModel } from '../../support/report-input.ts'

const study = (findings = FINDINGS.many, models: readonly ReportModel[] = [researchModel]) =>
  makeReportInput([makeReportImage(findings, {}, { models }).image])

describe('same UID means same bytes', () => {
  test('a repeated report is the same, byte for byte', () => {
    expect(makeReport(study())).toEqual(makeReport(study()))
  })

  test('the order in which images and findings come in does not matter', () => {
    const two = [
      makeReportImage(FINDINGS.many).image,
      makeReportImage(FINDINGS.one, { SOPInstanceUID: '2.25.9' }).image,
    ]

    expect(makeReport(makeReportInput(two))).toEqual(makeReport(makeReportInput(two.toReversed())))
  })

  test.each([
    ['another model', () => study(FINDINGS.many, [{ ...researchModel, key: 'f'.repeat(64) }])],
    ['another SR class', () => ({ ...study(), srSopClass: 'enhanced' as const })],
    ['another threshold', () => study(FINDINGS.many, [{ ...researchModel, operatingPoints: { 'Lung Opacity': 0.4 } }])],
    ['another zone', () => ({ ...study(), timezoneOffset: '+0900' })],
    ['another number', () => ({ ...study(), instanceNumber: 2 })],
  ])('%s makes other instances in the same series', (_, make) => {
    const [before, after] = [makeReport(study()), makeReport(make())]

    expect(after.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual(
      before.map(({ seriesInstanceUid }) => seriesInstanceUid),
    )
    for (const [at, { sopInstanceUid }] of after.entries()) expect(sopInstanceUid).not.toBe(before[at]?.sopInstanceUid)
  })

  test('the key is of what was analysed and how, and not of what was found', () => {
    expect(reportKey(study(FINDINGS.one))).toBe(reportKey(study(FINDINGS.negative)))
    expect(reportKey({ ...study(), instanceNumber: 2 })).toBe(reportKey(study()))
  })

  test('UIDs are valid, and SR and GSPS have series of their own', () => {
    const made = makeReport(study())

    expect(made.map(({ kind }) => kind)).toEqual(['SR', 'GSPS'])
    expect(made.flatMap((each) => [each.sopInstanceUid, each.seriesInstanceUid]).every(isUid)).toBe(true)
    expect(new Set(made.map(({ seriesInstanceUid }) => seriesInstanceUid)).size).toBe(2)
  })

  test('a score that is no number between 0 and 1 is refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(NaN, Infinity, -0.1, 1.2), (score) => {
        const findings = FINDINGS.one.map((finding) => ({ ...finding, score }))
        expect(() => makeReport(makeReportInput([makeReportImage(findings).image]))).toThrow('score')
      }),
    )
  })
})
