import { describe, expect, test } from 'vitest'
import { readHeader } from '../../../src/dicom/part10-header.ts'
import { makeReport } from '../../../src/pipeline/report/make-report.ts'
import type { ReportInput } from '../../../src/pipeline/report/report-input.ts'
import { first, flatten, itemsOf, named, readTree } from '../../support/content-tree.ts'
import { detected, FINDINGS, makeReportImage, makeReportInput, researchModel } from '../../support/report-input.ts'

const lateral = { ViewPosition: 'LL', InstanceNumber: 2, SOPInstanceUID: '2.25.77' }
const reasons = ['LATERAL_VIEW']

function report(images = [makeReportImage(FINDINGS.many).image], options: Partial<ReportInput> = {}): Uint8Array {
  return makeReport(makeReportInput(images, options))[0]?.bytes ?? new Uint8Array()
}

const tree = (...parameters: Parameters<typeof report>) => readTree(report(...parameters))

describe('what no validator notices in an SR', () => {
  test('every region is closed, inside the image, and a detected one has five points', () => {
    const outside = detected(0.8, -3, 20, 70.25, 90)
    const regions = named(tree([makeReportImage([...FINDINGS.many, outside]).image]), 'Image Region')

    expect(regions.length).toBe(10)
    for (const { graphic } of regions) {
      expect(graphic.slice(0, 2)).toEqual(graphic.slice(-2))
      expect(graphic.every((value, at) => value >= 0 && value <= (at % 2 === 0 ? 64 : 80))).toBe(true)
    }
    expect(regions.map(({ graphic }) => graphic.length / 2)).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
  })

  test('the corners run from the top left clockwise, in image pixels', () => {
    const [region] = named(tree([makeReportImage(FINDINGS.one).image]), 'Image Region')

    expect(region?.graphic.map((value) => Math.round(value * 10) / 10)).toEqual([
      8.4, 10.1, 27.3, 10.1, 27.3, 30, 8.4, 30, 8.4, 10.1,
    ])
  })

  test('each group has a tracking UID of its own, and no other UIDREF before it', () => {
    const groups = named(tree(), 'Measurement Group')
    const uids = groups.map((group) => group.children.filter(({ type }) => type === 'UIDREF').map(({ value }) => value))

    expect(uids.every((list) => list.length === 1)).toBe(true)
    expect(new Set(uids.flat()).size).toBe(4)
  })

  test('every child of a group has a name, as OHIF needs', () => {
    const children = named(tree(), 'Measurement Group').flatMap((group) => group.children)

    expect(children.filter(({ name }) => name === '')).toEqual([])
  })

  test('root and groups say which template they follow', () => {
    const root = tree()
    const template = (raw: typeof root.raw) => first(itemsOf(raw, '0040A504')[0], '0040DB00')

    expect(template(root.raw)).toBe('1500')
    expect(named(root, 'Measurement Group').map(({ raw }) => template(raw))).toEqual(['1410', '1410', '1410', '1410'])
  })

  test('certainties are percent with one decimal, between 0 and 100', () => {
    const values = named(tree(), 'Certainty of Finding').map(({ value }) => Number(value))

    expect(values).toEqual([90.5, 61, 61, 71, 91, 71])
  })

  test('groups and evaluations have observation UIDs, each once', () => {
    const all = flatten(tree()).map(({ raw }) => first(raw, '0040A171'))
    const uids = all.filter((uid) => uid !== '')

    expect(uids.length).toBe(6)
    expect(new Set(uids).size).toBe(6)
  })

  test('a weakly localized region has another algorithm, says so, and is no rectangle', () => {
    const [group] = named(tree([makeReportImage(FINDINGS.weakOnly).image]), 'Measurement Group')

    expect(group && named(group, 'Algorithm Name').map(({ value }) => value)).toEqual(['hilum-opacity-cam'])
    expect(group && named(group, 'Comment')[0]?.value).toBe(
      'Pleural Effusion 71.0 % (AI, weakly localized, unverified)',
    )
    expect(group && named(group, 'Algorithm Parameters')[0]?.value).toContain('weak')
  })

  test.each([
    ['L', 'Right', 'Left'],
    ['R', 'Left', 'Right'],
  ])('with columns running to %s, low columns are the %s side', (towards, low, high) => {
    const findings = [detected(0.9, 5, 10, 25, 30), detected(0.8, 40, 10, 60, 30), detected(0.7, 22, 10, 42, 30)]
    const made = makeReportImage(findings, { PatientOrientation: [towards, 'F'] })
    const sides = named(tree([made.image]), 'Finding Site').map((site) => site.children[0]?.value)

    expect(sides).toEqual([low, high, undefined])
  })

  test('without Patient Orientation no side is guessed', () => {
    const made = makeReportImage(FINDINGS.many, { PatientOrientation: undefined })

    expect(named(tree([made.image]), 'Laterality')).toEqual([])
  })
})

describe('what a report says', () => {
  test('a study without findings has every class absent with its score, and no group', () => {
    const root = tree([makeReportImage(FINDINGS.negative).image])
    const evaluations = named(root, 'Qualitative Evaluations')[0]?.children.filter(({ type }) => type === 'CODE') ?? []

    expect(named(root, 'Measurement Group')).toEqual([])
    expect(evaluations.map(({ name, value }) => [name, value])).toEqual([
      ['Opacity', 'Absent'],
      ['Pleural effusion', 'Absent'],
    ])
    expect(evaluations.map((item) => named(item, 'Certainty of Finding')[0]?.value)).toEqual(['12.3', '4'])
    expect(makeReport(makeReportInput([makeReportImage(FINDINGS.negative).image])).map(({ kind }) => kind)).toEqual([
      'SR',
    ])
  })

  test('a box in an image that scores below the operating point is no absent finding, but an undetermined one', () => {
    const root = tree([makeReportImage(FINDINGS.doubtful).image])
    const evaluations = named(root, 'Qualitative Evaluations')[0]?.children.filter(({ type }) => type === 'CODE') ?? []

    expect(named(root, 'Measurement Group')).toHaveLength(1)
    expect(evaluations.map(({ name, value }) => [name, value])).toEqual([['Opacity', 'Undetermined']])
  })

  test('an image that was not analysed is listed and named with its reason', () => {
    const images = [makeReportImage(FINDINGS.negative).image, makeReportImage(undefined, lateral, { reasons }).image]
    const root = tree(images)

    expect(
      flatten(root).filter(({ type, relationship }) => type === 'IMAGE' && relationship === 'CONTAINS'),
    ).toHaveLength(2)
    expect(named(root, 'Comment').map(({ value }) => value)).toContain(
      'Image 2 was not analysed (2.25.77): LATERAL_VIEW',
    )
  })

  test('a study of which nothing was analysed has no report', () => {
    expect(makeReport(makeReportInput([makeReportImage(undefined, lateral, { reasons }).image]))).toEqual([])
  })

  test('the evidence is every instance that the tree names, and nothing else', () => {
    const images = [makeReportImage(FINDINGS.many).image, makeReportImage(undefined, lateral, { reasons }).image]
    const bytes = report(images)
    const evidence = itemsOf(readHeader(bytes).header, '0040A375')
      .flatMap((study) => itemsOf(study, '00081115'))
      .flatMap((series) => itemsOf(series, '00081199'))
      .map((reference) => first(reference, '00081155'))
    const referenced = flatten(readTree(bytes)).flatMap(({ raw }) =>
      itemsOf(raw, '00081199').map((reference) => first(reference, '00081155')),
    )

    expect(new Set(evidence)).toEqual(new Set(referenced))
    expect(evidence.length).toBe(2)
  })

  test('the disclaimer follows the status of the model', () => {
    const product = { ...researchModel, status: 'PRODUCT' as const }
    const description = (models: readonly (typeof product)[]) =>
      first(readHeader(report([makeReportImage(FINDINGS.one, {}, { models }).image])).header, '0008103E')

    expect(description([{ ...product }])).toBe('AI findings - not verified by a physician')
    expect(first(readHeader(report()).header, '0008103E')).toBe('AI findings - RESEARCH, NOT FOR DIAGNOSTIC USE')
  })

  test.each([
    ['the source carries its zone', { TimezoneOffsetFromUTC: '-0400' }, '+0100', ['080005', '-0400']],
    ['the site configured one', {}, '+0100', ['130005', '+0100']],
  ])('times are local: %s', (_, overrides, timezoneOffset, expected) => {
    const { header } = readHeader(report([makeReportImage(FINDINGS.one, overrides).image], { timezoneOffset }))

    expect([first(header, '0040A033') || first(header, '00080033'), first(header, '00080201')]).toEqual(expected)
  })
})
