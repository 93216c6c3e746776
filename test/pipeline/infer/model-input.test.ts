import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPixelData } from '../../../src/dicom/pixels/pixel-data.ts'
import type { ModelInputSpecification } from '../../../src/pipeline/infer/manifest.ts'
import { decodeForModel, reductionFor, toModelInput } from '../../../src/pipeline/infer/model-input.ts'
import { findProgram } from '../../support/peer-missing.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { difference, referenceInputs, referenceMissing } from '../../support/reference-input.ts'
import { SHARED_MISSING, sharedFolder, sharedPath } from '../../support/shared.ts'

/** Two float32 roundings of the same double. */
const SAME = 1e-6
/** Where JPEG 2000 resolution levels are skipped: its low-pass filter is no box filter, which shows at sharp edges. */
const REDUCED = { mean: 0.003, greatest: 0.2 }

const base: Omit<ModelInputSpecification, 'aspect' | 'intensity'> = {
  tensor: 'image',
  layout: 'NCHW',
  rows: 256,
  columns: 256,
  channels: 1,
  mean: [0.5],
  deviation: [0.25],
}
const squash: ModelInputSpecification = { ...base, aspect: 'squash', intensity: { kind: 'voi' } }
const letterbox: ModelInputSpecification = {
  ...base,
  aspect: 'letterbox',
  intensity: { kind: 'percentile', low: 1, high: 99 },
}
const crop: ModelInputSpecification = { ...base, aspect: 'crop', intensity: { kind: 'equalize' } }

const python = referenceMissing()
const shared = sharedFolder() === undefined ? SHARED_MISSING : undefined

async function ours(bytes: Uint8Array, input: ModelInputSpecification, full = false) {
  const data = readPixelData(bytes)
  const complete = full ? { ...data, attributes: { ...data.attributes, window: null, voiLut: null } } : data
  const frame = await decodeForModel(complete, input)
  return toModelInput({ ...frame, attributes: data.attributes }, input).values
}

describe.skipIf(python !== undefined || shared !== undefined)(`real radiographs ${python ?? shared ?? ''}`, () => {
  test.each([
    ['squash', squash, /./],
    // One file a hospital is enough for these: what differs is behind the decoder.
    ['letterbox', letterbox, /rg1_.*(rle|j2k)|rg3_rle|1024|implicit/],
    ['crop', crop, /rg1_.*rle|rg2_j2kr|explicit/],
  ])('give the same input as pydicom and numpy: %s', async (_name, input, chosen) => {
    // pydicom 2.3 cannot read HTJ2K; the test of the encodings of one image covers it.
    const files = ['chest', 'not-chest']
      .flatMap((folder) => readdirSync(sharedPath('dicom', folder)).map((name) => sharedPath('dicom', folder, name)))
      .filter((path) => !path.includes('htj2k') && chosen.test(basename(path)))

    const references = await referenceInputs(files.map((file) => ({ file, input })))

    const wrong: object[] = []
    for (const [i, file] of files.entries()) {
      const bytes = readFileSync(file)
      const { transferSyntaxUid, attributes } = readPixelData(bytes)
      const reduced = /\.4\.9[01]$/.test(transferSyntaxUid) && reductionFor(attributes, input) > 0
      const { greatest, mean } = difference(await ours(bytes, input), references[i] as Float32Array)
      const scale = 1 / (input.deviation[0] as number)
      const limits = reduced ? REDUCED : { mean: SAME, greatest: SAME }
      if (greatest > scale * limits.greatest || mean > scale * limits.mean)
        wrong.push({ file: basename(file), greatest, mean })
    }
    expect(wrong).toEqual([])
  })
})

describe.skipIf(shared !== undefined)(`all encodings of one radiograph ${shared ?? ''}`, () => {
  const names = [
    'rg1_mono1_15bit_rle',
    'rg1_mono1_15bit_jpegll14',
    'wg04_rg1_cr_mono1_15bit_jpegls-near',
    'rg1_mono1_15bit_htj2k',
  ]
  const read = (name: string) => readFileSync(sharedPath('dicom/chest', `${name}.dcm`))

  test('give the same input where every pixel is decoded', async () => {
    const [first, ...others] = await Promise.all(names.map((name) => ours(read(name), squash, true)))

    for (const other of others) expect(difference(first as Float32Array, other).greatest).toBe(0)
  })

  test('give nearly the same input where resolution levels are skipped', async () => {
    const expected = await ours(read('rg1_mono1_15bit_rle'), { ...squash, deviation: [1] })

    for (const name of ['rg1_mono1_15bit_htj2k', 'wg04_rg1_cr_mono1_15bit_j2k-lossy']) {
      const { greatest, mean } = difference(expected, await ours(read(name), { ...squash, deviation: [1] }))
      expect(greatest).toBeLessThan(0.02)
      expect(mean).toBeLessThan(0.001)
    }
  })
})

const ramp = (count: number, step: number, offset = 0) =>
  Array.from({ length: count }, (_, i) => Math.round(offset + i * step))
const signedPixels = Uint16Array.from({ length: 80 * 64 }, (_, i) => ((i * 37) % 4096) - 2048)
const shiftedPixels = Uint16Array.from({ length: 80 * 64 }, (_, i) => (((i * 37) % 1024) << 4) | 0x8005)
const voiLut = { LUTDescriptor: [4096, 0, 16], LUTData: ramp(4096, 16) }
const cases: readonly [string, Record<string, unknown>, Uint16Array?][] = [
  ['a LINEAR window', {}],
  ['the first of two windows', { WindowCenter: [1000, 2000], WindowWidth: [900, 4096] }],
  ['a LINEAR_EXACT window', { VOILUTFunction: 'LINEAR_EXACT', WindowCenter: 1800, WindowWidth: 1200 }],
  ['a SIGMOID window', { VOILUTFunction: 'SIGMOID', WindowCenter: 1800, WindowWidth: 1200 }],
  ['no window', { WindowCenter: undefined, WindowWidth: undefined }],
  [
    'no window and padding',
    { WindowCenter: undefined, WindowWidth: undefined, PixelPaddingValue: 900, PixelPaddingRangeLimit: 950 },
  ],
  [
    'MONOCHROME1 with padding',
    { PhotometricInterpretation: 'MONOCHROME1', PixelPaddingValue: 2600, PixelPaddingRangeLimit: 2700 },
  ],
  ['rescale', { RescaleSlope: 2, RescaleIntercept: -1000, RescaleType: 'US', WindowCenter: 3000, WindowWidth: 5000 }],
  [
    'a Modality LUT Sequence',
    { ModalityLUTSequence: [{ LUTDescriptor: [2000, 800, 16], LUTData: ramp(2000, 2), ModalityLUTType: 'US' }] },
  ],
  ['a VOI LUT Sequence', { VOILUTSequence: [voiLut] }],
  ['a short VOI LUT', { VOILUTSequence: [{ LUTDescriptor: [1000, 1200, 12], LUTData: ramp(1000, 4) }] }],
  ['signed pixels', { PixelRepresentation: 1, WindowCenter: 0, WindowWidth: 3000 }, signedPixels],
  [
    'shifted bits and overlay bits',
    { BitsStored: 10, HighBit: 13, WindowCenter: 512, WindowWidth: 1024 },
    shiftedPixels,
  ],
  ['pixels that are not square', { PixelAspectRatio: [2, 1] }],
]

describe.skipIf(python !== undefined)(
  `made radiographs give the same input as pydicom and numpy ${python ?? ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hilum-input-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    const small = { ...letterbox, rows: 48, columns: 48 }
    const inputs = [
      { ...squash, rows: 40, columns: 48 },
      { ...small, intensity: { kind: 'voi' } as const },
      { ...crop, rows: 32, columns: 48 },
    ]
    const made = cases.map(([name, overrides, pixels], i) => {
      const { bytes } = makeRadiograph({ ...overrides }, pixels === undefined ? {} : { pixels })
      const file = join(folder, `${i}.dcm`)
      writeFileSync(file, bytes)
      return { name, file, bytes }
    })
    let references: readonly Float32Array[] = []
    beforeAll(async () => {
      references = await referenceInputs(inputs.flatMap((input) => made.map(({ file }) => ({ file, input }))))
    })

    test.each(made.map(({ name, bytes }, i) => ({ name, bytes, i })))('$name', async ({ bytes, i }) => {
      for (const [k, input] of inputs.entries()) {
        const { greatest } = difference(await ours(bytes, input), references[k * made.length + i] as Float32Array)
        expect(greatest).toBeLessThanOrEqual(10 * SAME)
      }
    })
  },
)

const dcmtk = ['dcmconv', 'dcmcrle', 'dcmcjpls', 'dcmcjpeg'].every((name) => findProgram(name) !== undefined)

describe.skipIf(!dcmtk)(
  `what dcmtk writes of one radiograph gives the same input ${dcmtk ? '' : '(dcmtk is not installed)'}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hilum-dcmtk-'))
    afterAll(() => rmSync(folder, { recursive: true }))

    test.each([
      ['explicit big endian', 'dcmconv', ['+tb'], 0],
      ['implicit little endian', 'dcmconv', ['+ti'], 0],
      ['deflated', 'dcmconv', ['+td'], 0],
      ['RLE', 'dcmcrle', [], 0],
      ['JPEG-LS lossless', 'dcmcjpls', [], 0],
      ['JPEG-LS near-lossless', 'dcmcjpls', ['+en', '+md', '2'], 0.01],
      ['JPEG lossless SV1', 'dcmcjpeg', ['+e1'], 0],
      ['JPEG lossless SV1 in many fragments', 'dcmcjpeg', ['+e1', '+fs', '1'], 0],
      ...[2, 3, 4, 5, 6, 7].map(
        (selection) => [`JPEG lossless predictor ${selection}`, 'dcmcjpeg', ['+el', '+sv', `${selection}`], 0] as const,
      ),
      ['JPEG extended 12 bit', 'dcmcjpeg', ['+ee', '+q', '95'], 0.05],
    ] as const)('%s', async (name, program, options, tolerance) => {
      const [source, target] = [join(folder, 'source.dcm'), join(folder, `${name}.dcm`)]
      const { bytes } = makeRadiograph()
      writeFileSync(source, bytes)
      execFileSync(program, [...options, source, target], { stdio: 'pipe' })

      const input = { ...squash, rows: 32, columns: 32, deviation: [1] }
      const { greatest } = difference(await ours(bytes, input), await ours(readFileSync(target), input))

      expect(greatest).toBeLessThanOrEqual(tolerance)
    })
  },
)
