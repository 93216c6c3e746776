import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { DicomJson } from '../../../src/dicom/dataset.ts'
import { readHeader } from '../../../src/dicom/part10-header.ts'
import { makeReport } from '../../../src/pipeline/report/make-report.ts'
import { first, itemsOf } from '../../support/content-tree.ts'
import { findProgram } from '../../support/peer-missing.ts'
import { detected, FINDINGS, makeReportImage, makeReportInput } from '../../support/report-input.ts'

function state(overrides: Readonly<Record<string, unknown>> = {}, findings = FINDINGS.many): DicomJson {
  const { image } = makeReportImage(findings, overrides)
  return readHeader(makeReport(makeReportInput([image]))[1]?.bytes ?? new Uint8Array()).header
}

const all = (header: DicomJson | undefined, tag: string): readonly unknown[] => header?.[tag]?.Value ?? []

const ramp = (entries: number, to: number): number[] =>
  Array.from({ length: entries }, (_, at) => Math.round((at / (entries - 1)) * to))

describe('what no validator notices in a GSPS', () => {
  test('every layer that is used is declared, and the other way round', () => {
    const header = state()
    const declared = itemsOf(header, '00700060').map((layer) => first(layer, '00700002'))
    const used = itemsOf(header, '00700001').map((annotation) => first(annotation, '00700002'))

    expect(declared).toEqual(['AI_BOXES', 'AI_TEXT', 'AI_CAM'])
    expect(used).toEqual(declared)
  })

  test('graphics are closed, filled N, as long as they say, and inside the image', () => {
    const graphics = itemsOf(state({}, [...FINDINGS.many, detected(0.9, -4, -4, 99, 99)]), '00700001').flatMap(
      (annotation) => itemsOf(annotation, '00700009'),
    )

    expect(graphics.length).toBe(5)
    for (const graphic of graphics) {
      const data = all(graphic, '00700022').map(Number)
      expect(Number(first(graphic, '00700021')) * 2).toBe(data.length)
      expect(data.slice(0, 2)).toEqual(data.slice(-2))
      expect(data.every((value, at) => value >= 0 && value <= (at % 2 === 0 ? 64 : 80))).toBe(true)
      expect(first(graphic, '00700024')).toBe('N')
    }
  })

  test('annotations are of the image that the state is of', () => {
    const header = state()
    const own = itemsOf(itemsOf(header, '00081115')[0], '00081140').map((image) => first(image, '00081155'))
    const annotated = itemsOf(header, '00700001').flatMap((annotation) =>
      itemsOf(annotation, '00081140').map((image) => first(image, '00081155')),
    )

    expect(new Set(annotated)).toEqual(new Set(own))
  })

  test('text in display units stays between 0 and 1, text in pixels inside the image', () => {
    for (const text of itemsOf(state(), '00700001').flatMap((annotation) => itemsOf(annotation, '00700008'))) {
      const corners = [...all(text, '00700010'), ...all(text, '00700011')].map(Number)
      const [columns, rows] = first(text, '00700003') === 'DISPLAY' ? [1, 1] : [64, 80]
      expect(corners.every((value, at) => value >= 0 && value <= (at % 2 === 0 ? columns : rows))).toBe(true)
    }
  })

  test('the SR and the GSPS give a region the same tracking UID', () => {
    const { image } = makeReportImage(FINDINGS.many)
    const [report, overlay] = makeReport(makeReportInput([image])).map(({ bytes }) =>
      JSON.stringify(readHeader(bytes).header),
    )
    const uids = [...(overlay ?? '').matchAll(/"00620021":\{"vr":"UI","Value":\["([\d.]+)"/g)].map(([, uid]) => uid)

    expect(uids.length).toBe(4)
    for (const uid of uids) expect(report).toContain(uid)
  })

  test.each([
    ['MONOCHROME1', 'INVERSE'],
    ['MONOCHROME2', 'IDENTITY'],
  ])('%s is shown %s', (PhotometricInterpretation, shape) => {
    expect(first(state({ PhotometricInterpretation }), '20500020')).toBe(shape)
  })

  test('exactly one of spacing and aspect ratio is written', () => {
    const area = (overrides: object) => itemsOf(state({ ...overrides }), '0070005A')[0]
    const both = (overrides: object) => [all(area(overrides), '00700101'), all(area(overrides), '00700102')]

    expect(both({ PixelSpacing: ['0.2', '0.1'] })).toEqual([[0.2, 0.1], []])
    expect(both({ PixelSpacing: ['0.000', '0.000'], ImagerPixelSpacing: ['0.15', '0.15'] })).toEqual([[0.15, 0.15], []])
    expect(both({ PixelAspectRatio: ['2', '1'] })).toEqual([[], [2, 1]])
    expect(both({})).toEqual([[], [1, 1]])
  })

  test('window, function, rescale and shutter are those of the image', () => {
    const header = state({
      WindowCenter: ['1000.5', '7'],
      WindowWidth: ['300', '8'],
      VOILUTFunction: 'SIGMOID',
      RescaleIntercept: -10,
      RescaleSlope: 2,
      RescaleType: 'US',
      ShutterShape: 'RECTANGULAR',
      ShutterLeftVerticalEdge: 2,
      ShutterRightVerticalEdge: 60,
      ShutterUpperHorizontalEdge: 3,
      ShutterLowerHorizontalEdge: 70,
    })
    const voi = itemsOf(header, '00283110')[0]

    expect([first(voi, '00281050'), first(voi, '00281051'), first(voi, '00281056')]).toEqual([
      '1000.5',
      '300',
      'SIGMOID',
    ])
    expect([first(header, '00281052'), first(header, '00281053')]).toEqual(['-10', '2'])
    expect([first(header, '00181600'), first(header, '00181604'), first(header, '00181622')]).toEqual([
      'RECTANGULAR',
      '60',
      '0',
    ])
  })

  test('a 12-bit VOI LUT becomes one of 16 bits with the same share of the range, as a state needs', () => {
    const lut = { LUTDescriptor: [4, 0, 12], LUTData: [0, 1365, 2730, 4095] }
    const header = state({ WindowCenter: undefined, WindowWidth: undefined, VOILUTSequence: [lut] })
    const copy = itemsOf(itemsOf(header, '00283110')[0], '00283010')[0]
    const words = new Uint16Array(Uint8Array.from(Buffer.from(copy?.['00283006']?.InlineBinary ?? '', 'base64')).buffer)

    expect(all(copy, '00283002')).toEqual([4, 0, 16])
    expect([...words]).toEqual([0, 21845, 43690, 65535])
  })
})

const missing = findProgram('dcmp2pgm') === undefined

describe.skipIf(missing)(`dcmp2pgm${missing ? ' (skipped: not installed)' : ''}`, () => {
  const noWindow = { WindowCenter: undefined, WindowWidth: undefined }
  const luts = {
    window: { WindowCenter: 1700, WindowWidth: 2500 },
    'VOI LUT': {
      ...noWindow,
      VOILUTSequence: [{ LUTDescriptor: [4096, 0, 16], LUTData: ramp(4096, 65535).toReversed() }],
    },
    'VOI LUT of 12 bits': {
      ...noWindow,
      VOILUTSequence: [{ LUTDescriptor: [4096, 0, 12], LUTData: ramp(4096, 4095) }],
    },
    'modality LUT': {
      ...noWindow,
      ModalityLUTSequence: [{ LUTDescriptor: [4096, 0, 16], ModalityLUTType: 'US', LUTData: ramp(4096, 65535) }],
    },
    'rescale and window': {
      RescaleIntercept: -1000,
      RescaleSlope: 2,
      RescaleType: 'US',
      WindowCenter: 2400,
      WindowWidth: 5000,
    },
    nothing: noWindow,
  }
  const cases = (['MONOCHROME1', 'MONOCHROME2'] as const).flatMap((photometric) =>
    Object.entries(luts).map(([name, overrides]) => ({ name, photometric, overrides })),
  )

  test.each(cases)(
    'renders $photometric with $name the same with and without the state',
    async ({ photometric, overrides }) => {
      const folder = await mkdtemp(join(tmpdir(), 'pgm-'))
      const { image, bytes } = makeReportImage(FINDINGS.one, { PhotometricInterpretation: photometric, ...overrides })
      const at = (name: string) => join(folder, name)
      await writeFile(at('image.dcm'), bytes)
      await writeFile(at('state.dcm'), makeReport(makeReportInput([image]))[1]?.bytes ?? '')
      const render = async (...parameters: string[]): Promise<Buffer> => {
        await promisify(execFile)('dcmp2pgm', [...parameters, at('image.dcm'), at('out.pgm')])
        const pgm = await readFile(at('out.pgm'))
        return pgm.subarray(-64 * 80)
      }

      const [bare, applied] = [await render(), await render('-p', at('state.dcm'))]
      await rm(folder, { recursive: true })

      expect(Math.max(...bare.map((gray, index) => Math.abs(gray - (applied[index] ?? -9))))).toBeLessThanOrEqual(1)
      expect(new Set(bare).size).toBeGreaterThan(20)
    },
  )
})
