import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, deflateRawSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { checkFileStructure } from '../../src/dicom/file-structure.ts'
import { readFileMeta, readHeader } from '../../src/dicom/part10-header.ts'
import { DEFLATED_EXPLICIT_LITTLE_ENDIAN } from '../../src/dicom/transfer-syntax.ts'
import { UnreadableInstance } from '../../src/errors.ts'
import { encapsulated } from '../support/bad-input.ts'
import { makeRadiograph } from '../support/radiograph.ts'

const folder = mkdtempSync(join(tmpdir(), 'hilum-'))
afterAll(() => rmSync(folder, { recursive: true }))
const JPEG = '1.2.840.10008.1.2.4.50'

function check(bytes: Buffer, headerOf = bytes): ReturnType<typeof checkFileStructure> {
  const path = join(folder, 'instance.dcm')
  writeFileSync(path, bytes)
  return checkFileStructure(path, readHeader(headerOf))
}

const whole = makeRadiograph().bytes
const deflated = makeRadiograph({}, { transferSyntaxUid: DEFLATED_EXPLICIT_LITTLE_ENDIAN }).bytes
const fragment = Buffer.from('ffd8ffd9', 'hex')

test.each([
  { what: 'native pixel data', bytes: whole },
  {
    what: 'native pixel data and trailing padding',
    bytes: Buffer.concat([whole, Buffer.from('fcfffcff4f42000008000000', 'hex'), Buffer.alloc(8)]),
  },
  { what: 'bytes behind the pixel data that are nothing', bytes: Buffer.concat([whole, Buffer.from('\r\n')]) },
  { what: 'a deflated data set', bytes: deflated },
  { what: 'encapsulated pixel data', bytes: encapsulated(JPEG, [fragment, fragment]) },
])('$what is whole', async ({ bytes }) => {
  await expect(check(bytes)).resolves.toEqual({ hasPixelData: true })
})

test('a file without pixel data says so', async () => {
  await expect(check(makeRadiograph({ PixelData: undefined }).bytes)).resolves.toEqual({ hasPixelData: false })
})

test.each([
  { what: 'native pixel data cut by a byte', bytes: whole.subarray(0, -1) },
  {
    what: 'native pixel data shorter than its matrix',
    bytes: makeRadiograph({ Rows: 200 }, { pixels: new Uint16Array(64) }).bytes,
  },
  { what: 'a deflated data set cut in half', bytes: deflated.subarray(0, deflated.length - 400), headerOf: deflated },
  { what: 'a fragment cut off', bytes: encapsulated(JPEG, [Buffer.alloc(4000)]).subarray(0, -2000) },
  { what: 'fragments without a delimiter', bytes: encapsulated(JPEG, [fragment], { delimiter: false }) },
  { what: 'no fragment at all', bytes: encapsulated(JPEG, []) },
])('$what is refused', async ({ bytes, headerOf }) => {
  await expect(check(bytes, headerOf)).rejects.toThrow(UnreadableInstance)
})

test('a hole of two gigabytes is walked over, not read', async () => {
  const path = join(folder, 'hole.dcm')
  const { bytes } = makeRadiograph({ NumberOfFrames: 1 })
  const claimed = Buffer.from(bytes)
  const at = claimed.lastIndexOf(Buffer.from('e07f1000', 'hex'))
  claimed.writeUInt32LE(0x7ffffffe, at + 8)
  writeFileSync(path, claimed)
  truncateSync(path, at + 12 + 0x7ffffffe)
  const before = process.memoryUsage().rss

  await expect(checkFileStructure(path, readHeader(claimed.subarray(0, 4096)))).resolves.toEqual({ hasPixelData: true })

  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
})

test('a small deflated file that would grow far beyond its pixels is refused', async () => {
  const piece = (bytes: Buffer): Buffer => deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH })
  const zeros = piece(Buffer.alloc(1024 * 1024))
  const bytes = Buffer.concat([
    deflated.subarray(0, readFileMeta(deflated).dataSetStart),
    piece(whole.subarray(readFileMeta(whole).dataSetStart)),
    ...Array.from({ length: 300 }, () => zeros),
    deflateRawSync(Buffer.alloc(0)),
  ])

  await expect(check(bytes)).rejects.toThrow(/too large/)
})
