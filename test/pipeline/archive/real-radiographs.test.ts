import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import dicomParser from 'dicom-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InstanceHeader } from '../../../src/dicom/part10-header.ts'
import { readHeader } from '../../../src/dicom/part10-header.ts'
import { type Pictures, createPictures } from '../../../src/pipeline/archive/pictures.ts'
import { wadoRs } from '../../../src/pipeline/archive/wado-rs.ts'
import { type ArchiveServer, startArchiveServer } from '../../support/archive-server.ts'
import { readParts } from '../../support/multipart-parts.ts'
import { findProgram } from '../../support/peer-missing.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { SHARED_MISSING, sharedFolder, sharedPath } from '../../support/shared.ts'

const run = promisify(execFile)
const noDcmtk = findProgram('dcmconv') === undefined ? 'dcmtk is not installed' : undefined
const missing = noDcmtk ?? (sharedFolder() === undefined ? SHARED_MISSING : undefined)
const skipped = (why: string | undefined): string => (why === undefined ? '' : ` (skipped: ${why})`)

let server: ArchiveServer
let pictures: Pictures
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hilum-pictures-'))
  pictures = createPictures({ threads: 1 })
  server = await startArchiveServer(async (scope, { record, archive }) => {
    await scope.register(wadoRs, { record, archive, pictures })
  })
})
afterAll(async () => {
  await server.close()
  await pictures.close()
  await rm(directory, { recursive: true, force: true })
})

const get = async (it: InstanceHeader, path: string, accept: string): Promise<Response> =>
  fetch(
    `${server.url}/studies/${it.studyInstanceUid}/series/${it.seriesInstanceUid}/instances/${it.sopInstanceUid}${path}`,
    { headers: { accept } },
  )

function pixelData(file: Uint8Array): Buffer {
  const { elements, byteArray } = dicomParser.parseDicom(file)
  const { dataOffset = 0, length = 0 } = elements['x7fe00010'] ?? {}
  return Buffer.from(byteArray.subarray(dataOffset, dataOffset + length))
}

async function grayOf(picture: Buffer): Promise<Uint8Array> {
  const image = await loadImage(picture)
  const context = createCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, image.width, image.height)
  return Uint8Array.from(data.filter((_, at) => at % 4 === 0))
}

function greatestDifference(one: Uint8Array, other: Uint8Array): number {
  expect(one.length).toBe(other.length)
  return one.reduce((greatest, value, at) => Math.max(greatest, Math.abs(value - (other[at] ?? 0))), 0)
}

const lossless = [
  { name: 'nih_neg_00003291_001_cr_8bit_jpegls', tool: 'dcmdjpls', media: 'image/jls', start: 'ffd8fff7' },
  { name: 'nih_pos_00011702_058_dx_8bit_mono1_rle', tool: 'dcmdrle', media: 'image/dicom-rle', start: '01000000' },
  { name: 'nih_neg_00001613_003_dx_12bit_mono1_jpegll', tool: 'dcmdjpeg', media: 'image/jpeg', start: 'ffd8ff' },
  { name: 'nih_neg_00001362_008_dx_12bit_implicit', tool: 'dcmconv', media: undefined, start: '' },
]

describe.skipIf(missing !== undefined)(`real radiographs${skipped(missing)}`, () => {
  test.each(lossless)('$name is decompressed as dcmtk does', async ({ name, tool }) => {
    const path = sharedPath('dicom', 'chest', `${name}.dcm`)
    const native = join(directory, `${name}.dcm`)
    await run(tool, ['+te', path, native])
    const header = await server.store(await readFile(path))

    const [part] = await readParts(await get(header, '', 'multipart/related; type="application/dicom"'))
    const [frame] = await readParts(await get(header, '/frames/1', '*/*'))

    const body = part?.body ?? Buffer.alloc(0)
    const expected = pixelData(await readFile(native))
    expect(readHeader(body)).toMatchObject({ header: header.header, transferSyntaxUid: '1.2.840.10008.1.2.1' })
    expect(pixelData(body).equals(expected)).toBe(true)
    expect(frame?.body.equals(expected)).toBe(true)
  })

  test.each(lossless.filter(({ media }) => media !== undefined))(
    '$name keeps its bit stream',
    async ({ name, media, start }) => {
      const header = await server.store(await readFile(sharedPath('dicom', 'chest', `${name}.dcm`)))
      const syntax = header.transferSyntaxUid

      for (const [accept, type] of [
        [`multipart/related; type=application/octet-stream; transfer-syntax=*`, 'application/octet-stream'],
        [`multipart/related; type="${media}"; transfer-syntax=${syntax}`, media],
        [`multipart/related; type="image/*", multipart/related; type="text/plain"`, media],
      ]) {
        const [part] = await readParts(await get(header, '/frames/1', accept ?? ''))

        expect(part?.headers.get('content-type')).toBe(`${type};transfer-syntax=${syntax}`)
        expect(part?.body.subarray(0, start.length / 2).toString('hex')).toBe(start)
      }
    },
  )

  test('HTJ2K and deflated instances come as they are stored for transfer-syntax=*', async () => {
    for (const name of ['nih_nihbox_00001933_000_cr_8bit_2544_htj2k', 'nih_pos_00000915_005_dx_8bit_deflated']) {
      const file = await readFile(sharedPath('dicom', 'chest', `${name}.dcm`))
      const header = await server.store(file)

      const [part] = await readParts(
        await get(header, '', 'multipart/related; type=application/dicom; transfer-syntax=*'),
      )

      expect(part?.headers.get('content-type')).toBe(`application/dicom;transfer-syntax=${header.transferSyntaxUid}`)
      expect(part?.body.equals(file)).toBe(true)
    }
  })

  test.each([
    { name: 'nih_neg_00003291_001_cr_8bit_jpegls', tool: 'dcml2pnm', window: undefined, tolerance: 1 },
    { name: 'nih_neg_00003291_001_cr_8bit_jpegls', tool: 'dcml2pnm', window: [90, 100], tolerance: 2 },
    { name: 'nih_pos_00011702_058_dx_8bit_mono1_rle', tool: 'dcmj2pnm', window: undefined, tolerance: 1 },
    { name: 'nih_pos_00011702_058_dx_8bit_mono1_rle', tool: 'dcmj2pnm', window: [100, 60], tolerance: 3 },
    // Two decoders of a lossy stream round differently.
    { name: 'nih_pos_00003699_000_dx_12bit_jpegextended', tool: 'dcmj2pnm', window: undefined, tolerance: 2 },
    { name: 'nih_neg_00001362_008_dx_12bit_implicit', tool: 'dcmj2pnm', window: [1800, 2500], tolerance: 1 },
  ])('$name with window $window looks as $tool shows it', async ({ name, tool, window, tolerance }) => {
    const path = join(directory, 'square.dcm')
    const output = join(directory, 'expected.png')
    await writeFile(path, await readFile(sharedPath('dicom', 'chest', `${name}.dcm`)))
    // dcmtk does not stretch pixels that are no squares.
    await run('dcmodify', ['-nb', '-imt', '-ea', 'PixelSpacing', '-ea', 'ImagerPixelSpacing', path])
    await run(tool, [...(window ? ['+Ww', ...window.map(String)] : ['+Wi', '1']), '+on', path, output])
    const header = await server.store(await readFile(path))

    const response = await get(header, `/rendered${window ? `?window=${window.join(',')},linear` : ''}`, 'image/png')

    const shown = await grayOf(Buffer.from(await response.arrayBuffer()))
    expect(greatestDifference(shown, await grayOf(await readFile(output)))).toBeLessThanOrEqual(tolerance)
  })

  test('a region is drawn into the radiograph, which shrinks to the size that is asked for', async () => {
    const path = sharedPath('dicom', 'chest', 'nih_nihbox_00001933_000_cr_8bit_2544_htj2k.dcm')
    const code = { value: '128477000', scheme: 'SCT', meaning: 'Abscess' }
    const box = { left: 500, top: 600, right: 1200, bottom: 1500 }
    const region = { method: 'detected' as const, box }
    const finding = { label: 'opacity', code, site: null, score: 0.9, present: true, region }
    const models = [{ name: 'hilum-opacity', version: '0.1.0', status: 'RESEARCH' as const }]

    const plain = await loadImage(await pictures.overlay(path, [], { models, maximumSize: 512 }))
    const drawn = await pictures.overlay(path, [finding], { models, maximumSize: 512 })

    expect(Math.max(plain.width, plain.height)).toBe(512)
    expect(drawn.equals(await pictures.overlay(path, [], { models, maximumSize: 512 }))).toBe(false)
  })
})

test.skipIf(noDcmtk !== undefined).each([
  { syntax: 'explicit big endian', options: ['+tb'], seed: 71 },
  { syntax: 'implicit with items of undefined length', options: ['+ti', '-e'], seed: 72 },
  { syntax: 'implicit with items of known length', options: ['+ti', '+e'], seed: 73 },
])(
  `${skipped(noDcmtk)}$syntax becomes explicit little endian with every value as it was`,
  async ({ options, seed }) => {
    const made = makeRadiograph(
      {
        ProcedureCodeSequence: [
          { CodeValue: '399208008', CodingSchemeDesignator: 'SCT', CodeMeaning: 'Plain chest X-ray' },
        ],
        PixelPaddingValue: 63,
        PixelAspectRatio: [1, 1],
      },
      { seed },
    )
    await writeFile(join(directory, 'made.dcm'), made.bytes)
    await run('dcmconv', [...options, join(directory, 'made.dcm'), join(directory, 'converted.dcm')])
    const header = await server.store(await readFile(join(directory, 'converted.dcm')))

    const [part] = await readParts(await get(header, '', 'multipart/related; type="application/dicom"'))

    const body = part?.body ?? Buffer.alloc(0)
    expect(readHeader(body)).toMatchObject({
      header: readHeader(made.bytes).header,
      transferSyntaxUid: '1.2.840.10008.1.2.1',
    })
    expect(pixelData(body).equals(pixelData(made.bytes))).toBe(true)
    await writeFile(join(directory, 'answered.dcm'), body)
    await expect(run('dcmdump', ['+W', directory, join(directory, 'answered.dcm')])).resolves.toBeDefined()
  },
)
