import { expect, test } from 'vitest'
import { decodeFrame } from '../../../src/dicom/pixels/decode-frame.ts'
import { UndecodablePixels, UnreadableInstance } from '../../../src/errors.ts'
import { encapsulated } from '../../support/encapsulated.ts'
import { makeRadiograph } from '../../support/radiograph.ts'

const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff)
/** SOI and a frame header of the size that the instance claims: past the first check, into the codec. */
const jpegHead = (marker: number, precision: number) =>
  Uint8Array.of(0xff, 0xd8, 0xff, marker, 0, 11, precision, 0, 80, 0, 64, 1, 1, 0x11, 0)
const scanHead = Uint8Array.of(0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0)
const withNoise = (...parts: Uint8Array[]) => Buffer.concat([...parts, noise])
const siz = (rows: number, columns: number) => {
  const bytes = Buffer.alloc(43)
  bytes.writeUInt32BE(0xff51_0029, 0)
  bytes.writeUInt32BE(columns, 6)
  bytes.writeUInt32BE(rows, 10)
  bytes.writeUInt32BE(columns, 22)
  bytes.writeUInt32BE(rows, 26)
  bytes.set([0, 1, 11, 1, 1], 38)
  return bytes
}
const cod = Uint8Array.of(0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, 0, 1)
const soc = Uint8Array.of(0xff, 0x4f)

const prefix = '1.2.840.10008.1.2'
const streams: readonly [string, string, Uint8Array][] = [
  ...['5', '4.50', '4.51', '4.57', '4.70', '4.80', '4.81', '4.90', '4.91', '4.201', '4.202', '4.203'].map(
    (syntax): [string, string, Uint8Array] => [`noise as ${syntax}`, `${prefix}.${syntax}`, noise],
  ),
  ['noise behind a baseline header', `${prefix}.4.50`, withNoise(jpegHead(0xc0, 8), scanHead)],
  ['noise behind an extended header', `${prefix}.4.51`, withNoise(jpegHead(0xc1, 12), scanHead)],
  ['noise behind a lossless header', `${prefix}.4.70`, withNoise(jpegHead(0xc3, 12), scanHead)],
  ['noise behind a JPEG-LS header', `${prefix}.4.80`, withNoise(jpegHead(0xf7, 12), scanHead)],
  ['noise behind a JPEG 2000 header', `${prefix}.4.90`, withNoise(soc, siz(80, 64), cod)],
  ['noise behind an HTJ2K header', `${prefix}.4.201`, withNoise(soc, siz(80, 64), cod)],
  ['a JPEG 2000 image of another size', `${prefix}.4.90`, withNoise(soc, siz(60_000, 60_000), cod)],
  ['an empty frame', `${prefix}.4.90`, new Uint8Array(0)],
  ['an unknown transfer syntax', '1.2.3.4', noise],
]

test.each(streams)('%s is undecodable', async (_name, transferSyntaxUid, stream) => {
  await expect(decodeFrame(encapsulated(transferSyntaxUid, [stream]))).rejects.toThrow(UndecodablePixels)
})

test('a codec that garbage has aborted decodes the next image', async () => {
  const { default: create } = await import('@cornerstonejs/codec-charls/wasmjs')
  const { JpegLSEncoder } = await create()
  const encoder = new JpegLSEncoder()
  const pixels = Uint16Array.from({ length: 80 * 64 }, (_, i) => (i * 37) % 4096)
  const into = encoder.getDecodedBuffer({ width: 64, height: 80, bitsPerSample: 12, componentCount: 1 })
  into.set(new Uint8Array(pixels.buffer))
  encoder.encode()
  const good = encapsulated(`${prefix}.4.80`, [Uint8Array.from(encoder.getEncodedBuffer())])
  await expect(decodeFrame(encapsulated(`${prefix}.4.80`, [withNoise(jpegHead(0xf7, 12), scanHead)]))).rejects.toThrow(
    UndecodablePixels,
  )

  const frame = await decodeFrame(good)

  expect(Array.from(frame.pixels)).toEqual(Array.from(pixels))
})

test('what is no DICOM is unreadable', async () => {
  await expect(decodeFrame(noise)).rejects.toThrow(UnreadableInstance)
})

test.each([
  ['pixels that are cut short', { Rows: 4000, Columns: 4000 }],
  ['no rows', { Rows: 0 }],
  ['a matrix of 65,535', { Rows: 65_535, Columns: 65_535 }],
  ['color', { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB' }],
  ['a palette', { PhotometricInterpretation: 'PALETTE COLOR' }],
  ['no pixels', { PixelData: undefined }],
  ['12 bits allocated', { BitsAllocated: 12 }],
])('%s cannot be decoded', async (_name, overrides) => {
  const pixels = new Uint16Array(80 * 64)
  const { bytes } = makeRadiograph(overrides, { pixels })

  await expect(decodeFrame(bytes)).rejects.toThrow(UndecodablePixels)
})

test('fragments and offset tables lead to the same frame', async () => {
  const rle = (value: number) => {
    const bytes = Buffer.alloc(64)
    bytes.writeUInt32LE(2, 0)
    const run = Array.from({ length: 40 }, () => [129, value]).flat()
    bytes.writeUInt32LE(64, 4)
    bytes.writeUInt32LE(64 + run.length, 8)
    return Buffer.concat([bytes, Buffer.from(run), Buffer.from(run)])
  }
  const [one, two] = [rle(1), rle(2)]
  const split = [one.subarray(0, 80), one.subarray(80), two.subarray(0, 70), two.subarray(70)]
  const offsets = [0, 16 + one.length]
  const twoFrames = { NumberOfFrames: 2 }

  const byTable = await decodeFrame(encapsulated(`${prefix}.5`, split, twoFrames, offsets), { frame: 2 })
  const byCount = await decodeFrame(encapsulated(`${prefix}.5`, [one, two], twoFrames), { frame: 2 })

  expect(new Set(byTable.pixels)).toEqual(new Set([0x0202]))
  expect(byCount.pixels).toEqual(byTable.pixels)
})
