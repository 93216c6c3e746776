import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeReport } from '../../../src/pipeline/report/make-report.ts'
import type { DicomJson } from '../../../src/dicom/dataset.ts'
import type { ReportInput } from '../../../src/pipeline/report/report-input.ts'
import { findProgram } from '../../support/peer-missing.ts'
import {
  FINDINGS,
  type MadeImage,
  makeReportImage,
  makeReportInput,
  researchModel,
} from '../../support/report-input.ts'
import { sharedFolder, sharedPath } from '../../support/shared.ts'

const run = promisify(execFile)
const missing = ['dciodvfy', 'dsrdump', 'dcmp2pgm', 'java'].find((program) => findProgram(program) === undefined)
const why = missing ? `${missing} is not installed` : sharedFolder() ? undefined : 'no shared folder with judge.sh'

const window12 = { WindowCenter: 2048, WindowWidth: 4096 }
const noWindow = { WindowCenter: undefined, WindowWidth: undefined }
const ramp = (entries: number, to: number): number[] =>
  Array.from({ length: entries }, (_, at) => Math.round((at / (entries - 1)) * to))
const voiLut = {
  ...noWindow,
  VOILUTSequence: [{ LUTDescriptor: [4096, 0, 12], LUTExplanation: 'ramp', LUTData: ramp(4096, 4095) }],
}
const modalityLut = {
  WindowCenter: 32768,
  WindowWidth: 65536,
  ModalityLUTSequence: [{ LUTDescriptor: [4096, 0, 16], ModalityLUTType: 'US', LUTData: ramp(4096, 65535) }],
}
const rescale = { RescaleIntercept: -100, RescaleSlope: 1.5, RescaleType: 'US' }
const m1 = { PhotometricInterpretation: 'MONOCHROME1' }
const lateral = { ViewPosition: 'LL', InstanceNumber: 3, SOPInstanceUID: '2.25.77', PatientOrientation: ['A', 'F'] }
const order = {
  AccessionNumber: 'A1',
  RequestAttributesSequence: [{ RequestedProcedureID: 'RP1', ScheduledProcedureStepID: 'SPS1' }],
  RequestingPhysician: undefined,
}
const names = { PatientName: 'Yamada^Tarou=山田^太郎=やまだ^たろう', StudyDescription: 'Röntgen Θώρακας грудь 胸部' }
/** In the header as it was read: no writer would write them. */
const defects: DicomJson = {
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'X'.repeat(200) }] },
  '00100020': { vr: 'LO' },
  '00101010': { vr: 'AS', Value: ['81'] },
  '00080020': { vr: 'DA', Value: ['2026-1-1'] },
  '00080030': { vr: 'TM', Value: [null] },
  '00200010': { vr: 'SH', Value: ['longer than sixteen characters'] },
  '00081030': { vr: 'LO', Value: [`line\u0007 ${'y'.repeat(100)}`] },
  '00080050': { vr: 'SH', Value: ['A\u0001 1'] },
  '00200020': { vr: 'CS' },
  '00181164': { vr: 'DS', Value: ['0.14300000000000000001', '0.14300000000000000001'] },
  '00281050': { vr: 'DS', Value: ['2048.00000000000000001'] },
}
const second = { ...researchModel, name: 'other', key: 'b'.repeat(64), status: 'PRODUCT' as const }

interface Case {
  readonly images: readonly MadeImage[]
  readonly options?: Partial<ReportInput>
}

const one = (findings: keyof typeof FINDINGS, overrides: object = {}, options?: Partial<ReportInput>): Case => ({
  images: [makeReportImage(FINDINGS[findings], { ...overrides })],
  ...(options && { options }),
})

/** All judges, PixelMed among them, which takes seconds a document. */
const thoroughly: Readonly<Record<string, () => Case>> = {
  'one finding, MONOCHROME2, window': () => one('one', window12),
  'no finding': () => one('negative', m1),
  'several regions of both kinds, rescale': () => one('many', { ...m1, ...rescale }),
  'weakly localized only, VOI LUT': () => one('weakOnly', voiLut),
  'two analysed images, one that was not, and an order': () => ({
    images: [
      makeReportImage(FINDINGS.many, order),
      makeReportImage(FINDINGS.negative, { ...order, SOPInstanceUID: '2.25.78', InstanceNumber: 2 }),
      makeReportImage(undefined, { ...order, ...lateral }, { reasons: ['LATERAL_VIEW: not a frontal image'] }),
    ],
  }),
  'Enhanced SR of two models': () => ({
    images: [makeReportImage(FINDINGS.many, {}, { models: [researchModel, second] })],
    options: { srSopClass: 'enhanced' },
  }),
  'Comprehensive SR that supersedes another, names in Japanese': () =>
    one('many', names, { srSopClass: 'comprehensive', instanceNumber: 2, predecessors: [predecessor] }),
}

const predecessor: ReportInput['predecessors'][number] = {
  sopClassUid: '1.2.840.10008.5.1.4.1.1.88.34',
  sopInstanceUid: '2.25.5' as ReportInput['predecessors'][number]['sopInstanceUid'],
  seriesInstanceUid: '2.25.6' as ReportInput['predecessors'][number]['seriesInstanceUid'],
  studyInstanceUid: '2.25.7' as ReportInput['predecessors'][number]['studyInstanceUid'],
}

describe.skipIf(why !== undefined)(`the judges${why ? ` (skipped: ${why})` : ''}`, () => {
  let folder = ''
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'judges-'))))
  afterAll(async () => rm(folder, { recursive: true, force: true }))

  async function write(name: string, { images, options }: Case): Promise<{ image: string; objects: string[] }> {
    const stem = join(folder, name.replace(/\W+/g, '-'))
    const image = `${stem}-image.dcm`
    await writeFile(image, images[0]?.bytes ?? '')
    const made = makeReport(
      makeReportInput(
        images.map((each) => each.image),
        options,
      ),
    )
    const objects = made.map(({ kind }, at) => `${stem}-${at}-${kind}.dcm`)
    await Promise.all(made.map(({ bytes }, at) => writeFile(objects[at] ?? '', bytes)))
    return { image, objects }
  }

  test.each(Object.entries(thoroughly))('all judges pass %s', { timeout: 240_000 }, async (name, make) => {
    const { image, objects } = await write(name, make())
    // judge.sh applies every state to the one image it is given: the first, whose state it is
    const verdict = await run('bash', [sharedPath('tools', 'judge.sh'), image, ...objects]).catch((cause) => cause)

    expect(verdict.stdout).not.toContain('FAIL')
    expect(verdict.stdout).toContain('ok   pixelmed')
    expect(verdict.code).toBeUndefined()
  })

  const matrix = (['MONOCHROME1', 'MONOCHROME2'] as const).flatMap((photometric) =>
    Object.entries({ window12, noWindow, voiLut, modalityLut, rescale }).flatMap(([lut, overrides]) =>
      (Object.keys(FINDINGS) as (keyof typeof FINDINGS)[]).map((findings, at) => {
        const srSopClass = (['comprehensive3d', 'comprehensive', 'enhanced'] as const)[at % 3]
        const image = { PhotometricInterpretation: photometric, ...overrides }
        return { name: [photometric, lut, findings].join(' '), make: () => one(findings, image, { srSopClass }) }
      }),
    ),
  )

  test('dciodvfy and dsrdump take every kind of image and finding', { timeout: 120_000 }, async () => {
    const complaints: string[] = []
    for (const { name, make } of matrix) {
      const { objects } = await write(name, make())
      for (const object of objects) complaints.push(...(await quickly(object)).map((line) => `${name}: ${line}`))
    }

    expect(matrix.length).toBe(50)
    expect(complaints).toEqual([])
  })

  test('a defective header makes no invalid object', async () => {
    const { image, bytes } = makeReportImage(FINDINGS.many)
    const instance = { ...image.instance, header: { ...image.instance.header, ...defects } }
    const { objects } = await write('defects', { images: [{ image: { ...image, instance }, bytes }] })
    const complaints = (await Promise.all(objects.map(quickly))).flat()

    // the source's missing date and its name without a comma are only warned of
    expect(complaints.filter((line) => !line.startsWith('Warning'))).toEqual([])
    expect(objects).toHaveLength(2)
  })
})

/** As judge.sh does, with its whitelist; execFile rejects where the program exits with 1. */
async function quickly(object: string): Promise<string[]> {
  const output = async (program: string, parameters: string[]): Promise<string[]> => {
    const { stdout, stderr } = await run(program, parameters).catch((cause) => cause)
    return program === 'dsrdump' ? String(stderr).split('\n') : `${stdout}${stderr}`.split('\n')
  }
  const dciodvfy = (await output('dciodvfy', ['-new', object])).filter(
    (line) => /^(Error|Warning)/.test(line) && !/ContributingEquipmentSequence.*DeviceUID.*not present/.test(line),
  )
  if (object.includes('GSPS')) return dciodvfy
  const dsrdump = (await output('dsrdump', [object])).filter(
    (line) => /^[EFW]:/.test(line) && !/VR checker does not support|not yet supported/.test(line),
  )
  return [...dciodvfy, ...dsrdump]
}
