import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { api } from 'dicomweb-client'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { readHeader } from '../../../src/dicom/part10-header.ts'
import { decodeFrame } from '../../../src/dicom/pixels/decode-frame.ts'
import { deriveUid } from '../../../src/dicom/uid.ts'
import { type Pictures, createPictures } from '../../../src/pipeline/archive/pictures.ts'
import { wadoRs } from '../../../src/pipeline/archive/wado-rs.ts'
import { type ArchiveServer, startArchiveServer } from '../../support/archive-server.ts'
import { readParts } from '../../support/multipart-parts.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { FetchedRequest } from '../../support/xml-http-request.ts'

let server: ArchiveServer
let pictures: Pictures
const first = makeRadiograph({ PatientName: 'Müller^Ä' })
const second = makeRadiograph(
  {
    StudyInstanceUID: first.studyInstanceUid,
    SeriesInstanceUID: first.seriesInstanceUid,
    PatientID: 'TEST-1',
    InstanceNumber: 2,
  },
  { seed: 2 },
)
const implicit = makeRadiograph({}, { seed: 3, transferSyntaxUid: '1.2.840.10008.1.2' })
const deflated = makeRadiograph({}, { seed: 4, transferSyntaxUid: '1.2.840.10008.1.2.1.99' })
const report = makeRadiograph(
  {
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34',
    Modality: 'SR',
    Rows: undefined,
    Columns: undefined,
    PixelData: undefined,
  },
  { seed: 5 },
)

beforeAll(async () => {
  pictures = createPictures({ threads: 1 })
  server = await startArchiveServer(async (scope, { record, archive }) => {
    await scope.register(wadoRs, { record, archive, pictures })
  })
  for (const { bytes } of [first, second, implicit, deflated, report]) await server.store(bytes)
})
afterAll(async () => {
  await server.close()
  await pictures.close()
})
afterEach(() => vi.unstubAllGlobals())

interface RetrievingClient {
  retrieveSeriesMetadata(address: object): Promise<readonly object[]>
  retrieveSeries(address: object): Promise<readonly ArrayBuffer[]>
  retrieveInstanceFrames(address: object): Promise<readonly ArrayBuffer[]>
}

type Uids = Pick<typeof first, 'studyInstanceUid' | 'seriesInstanceUid' | 'sopInstanceUid'>
const addressOf = (it: Uids): string =>
  `/studies/${it.studyInstanceUid}/series/${it.seriesInstanceUid}/instances/${it.sopInstanceUid}`
const get = (path: string, accept = '*/*'): Promise<Response> => fetch(`${server.url}${path}`, { headers: { accept } })
const pixelsOf = async (bytes: Uint8Array): Promise<Buffer> => {
  const { pixels } = await decodeFrame(bytes)
  return Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength)
}

test.each([
  { accept: '*/*' },
  { accept: 'multipart/related; type="application/dicom"' },
  { accept: 'multipart/related; type=application/dicom; transfer-syntax=*' },
  { accept: 'multipart/related; type="application/dicom"; transfer-syntax="1.2.840.10008.1.2.1"' },
  { accept: 'text/html, multipart/related;type="image/jls";q=0.5, multipart/related;type="application/dicom";q=0.1' },
])('a study comes as it was stored, part by part, for $accept', async ({ accept }) => {
  const response = await get(`/studies/${first.studyInstanceUid}`, accept)
  const parts = await readParts(response)

  expect(response.headers.get('content-type')).toMatch(/^multipart\/related; type="application\/dicom"; boundary=/)
  expect(parts.map(({ headers }) => headers.get('content-type'))).toEqual(
    Array.from({ length: 2 }, () => 'application/dicom;transfer-syntax=1.2.840.10008.1.2.1'),
  )
  expect(parts.map(({ body }) => body.equals(first.bytes) || body.equals(second.bytes))).toEqual([true, true])
})

test('one instance may come by itself', async () => {
  const response = await get(addressOf(first), 'application/dicom')

  expect(response.headers.get('content-type')).toBe('application/dicom;transfer-syntax=1.2.840.10008.1.2.1')
  expect(Buffer.from(await response.arrayBuffer()).equals(first.bytes)).toBe(true)
})

test.each([
  { what: 'implicit', made: implicit },
  { what: 'deflated', made: deflated },
])('an instance stored $what comes explicit unless its own transfer syntax is asked for', async ({ made }) => {
  const [converted] = await readParts(await get(addressOf(made)))
  const [stored] = await readParts(
    await get(addressOf(made), 'multipart/related; type="application/dicom"; transfer-syntax=*'),
  )

  expect(stored?.body.equals(made.bytes)).toBe(true)
  const body = converted?.body ?? Buffer.alloc(0)
  const { transferSyntaxUid, header } = readHeader(body)
  expect(transferSyntaxUid).toBe('1.2.840.10008.1.2.1')
  expect(header).toEqual(readHeader(made.bytes).header)
  expect((await pixelsOf(body)).equals(await pixelsOf(made.bytes))).toBe(true)
})

test('metadata is the header, with the address of the pixels', async () => {
  const response = await get(`/studies/${first.studyInstanceUid}/metadata`, 'application/dicom+json')
  const metadata = (await response.json()) as readonly Readonly<{ [tag: string]: unknown }>[]

  expect(response.headers.get('content-type')).toBe('application/dicom+json')
  expect(metadata).toHaveLength(2)
  expect(metadata[0]).toMatchObject({
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00080018': { Value: [first.sopInstanceUid] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Ä' }] },
    '7FE00010': { vr: 'OW', BulkDataURI: `${server.url}${addressOf(first)}/frames/1` },
  })
})

test('the metadata of a report has no pixels', async () => {
  const [metadata] = (await (await get(`${addressOf(report)}/metadata`)).json()) as readonly object[]

  expect(metadata).not.toHaveProperty('7FE00010')
})

test.each([
  { accept: '*/*', multipart: true },
  { accept: 'multipart/related; type="*/*"', multipart: true },
  { accept: 'multipart/related; type=application/octet-stream; transfer-syntax=*', multipart: true },
  { accept: 'multipart/related; type="application/octet-stream"', multipart: true },
  { accept: 'application/octet-stream', multipart: false },
])('a frame comes as its pixels for $accept', async ({ accept, multipart }) => {
  for (const made of [first, implicit, deflated]) {
    const response = await get(`${addressOf(made)}/frames/1`, accept)
    const parts = multipart
      ? await readParts(response)
      : [{ headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }]

    expect(parts[0]?.headers.get('content-type')).toBe('application/octet-stream;transfer-syntax=1.2.840.10008.1.2.1')
    expect(parts[0]?.body.equals(await pixelsOf(made.bytes))).toBe(true)
  }
})

test.each([
  { path: `${addressOf(first)}/frames/2`, status: 404 },
  { path: `${addressOf(first)}/frames/1,x`, status: 400 },
  { path: `${addressOf(first)}/frames/0`, status: 400 },
  { path: `${addressOf(report)}/frames/1`, status: 404 },
  { path: `${addressOf(first)}/frames/1`, accept: 'image/jls', status: 406 },
  { path: `/studies/${deriveUid('nothing')}`, status: 404 },
  { path: `/studies/${deriveUid('nothing')}/metadata`, status: 404 },
  { path: `/studies/1.2.x`, status: 400 },
  { path: `/studies/..%2f..%2f..%2fetc%2fpasswd`, status: 400 },
  { path: `/studies/${first.studyInstanceUid}/series/${implicit.seriesInstanceUid}`, status: 404 },
  { path: `/studies/${first.studyInstanceUid}`, accept: 'application/dicom', status: 406 },
  {
    path: `/studies/${first.studyInstanceUid}`,
    accept: 'multipart/related; type="application/dicom+xml"',
    status: 406,
  },
  { path: addressOf(first), accept: 'application/dicom; transfer-syntax=1.2.840.10008.1.2.4.80', status: 406 },
  { path: `${addressOf(first)}/metadata`, accept: 'application/dicom+xml', status: 406 },
  { path: `${addressOf(report)}/rendered`, status: 406 },
  { path: `${addressOf(first)}/rendered`, accept: 'image/gif', status: 406 },
  { path: `${addressOf(first)}/rendered?window=1`, status: 400 },
  { path: `${addressOf(first)}/rendered?viewport=0,0`, status: 400 },
  { path: `${addressOf(first)}/rendered?viewport=99999,99999`, status: 400 },
  { path: `${addressOf(first)}/rendered?quality=101`, status: 400 },
])('$path for $accept is $status', async ({ path, accept = '*/*', status }) => {
  const response = await get(path, accept)

  expect(response.status).toBe(status)
})

async function grayOf(response: Response): Promise<{ width: number; height: number; gray: readonly number[] }> {
  const image = await loadImage(Buffer.from(await response.arrayBuffer()))
  const canvas = createCanvas(image.width, image.height)
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, image.width, image.height)
  return {
    width: image.width,
    height: image.height,
    gray: Array.from({ length: data.length / 4 }, (_, at) => data[at * 4] ?? -1),
  }
}

test('a rendered picture shows the window', async () => {
  const response = await get(`${addressOf(first)}/rendered?window=1500,1000,linear`, 'image/png')
  const { width, height, gray } = await grayOf(response)

  expect(response.headers.get('content-type')).toBe('image/png')
  expect([width, height]).toEqual([64, 80])
  const { pixels } = await decodeFrame(first.bytes)
  // PS3.3 C.11.2.1.2.1: the formula of the standard, in 256 grays.
  const expected = [...pixels].map((x) => Math.min(Math.max(((x - 1499.5) / 999 + 0.5) * 255, 0), 255))
  expect(Math.max(...gray.map((value, at) => Math.abs(value - (expected[at] ?? 0))))).toBeLessThanOrEqual(1)
})

test('a picture is a JPEG by default and fits into the viewport in its true shape', async () => {
  const response = await get(`${addressOf(first)}/frames/1/rendered?viewport=32,32&quality=80`)
  const { width, height } = await grayOf(response)

  expect(response.headers.get('content-type')).toBe('image/jpeg')
  expect([width, height]).toEqual([26, 32])
})

test('several pictures come as parts', async () => {
  const parts = await readParts(await get(`/studies/${first.studyInstanceUid}/rendered`))

  expect(parts.map(({ headers }) => headers.get('content-type'))).toEqual(['image/jpeg', 'image/jpeg'])
})

test('the accept parameter goes before the header, escaped or not', async () => {
  const picture = await get(`${addressOf(first)}/rendered?accept=image%2Fpng`, 'image/jpeg')
  const metadata = await get(`${addressOf(first)}/metadata?accept=application/dicom+json`, 'text/html')

  expect(picture.headers.get('content-type')).toBe('image/png')
  expect(metadata.status).toBe(200)
})

test('dicomweb-client opens a study', async () => {
  vi.stubGlobal('XMLHttpRequest', FetchedRequest)
  // Its types deny what its documentation shows: that requests are optional and answers promised.
  const client = new api.DICOMwebClient({ url: server.url, singlepart: false }) as unknown as RetrievingClient
  const address = {
    studyInstanceUID: first.studyInstanceUid,
    seriesInstanceUID: first.seriesInstanceUid,
    sopInstanceUID: first.sopInstanceUid,
  }

  const metadata = await client.retrieveSeriesMetadata(address)
  const instances = await client.retrieveSeries(address)
  const [frame = new ArrayBuffer()] = await client.retrieveInstanceFrames({ ...address, frameNumbers: [1] })

  expect(metadata).toHaveLength(2)
  expect(instances).toHaveLength(2)
  expect(Buffer.from(frame).equals(await pixelsOf(first.bytes))).toBe(true)
})

test('curl saves an instance', async () => {
  const options = ['-sS', '-H', 'Accept: application/dicom', `${server.url}${addressOf(second)}`]
  const { stdout } = await promisify(execFile)('curl', options, { encoding: 'buffer' })

  expect(createHash('sha256').update(stdout).digest('hex')).toBe(
    createHash('sha256').update(second.bytes).digest('hex'),
  )
})

test('a loopback client that leaves the port out of its Host is sent back to the right one', async () => {
  const options = ['-sS', '-H', 'Host: 127.0.0.1', `${server.url}${addressOf(first)}/metadata`]
  const { stdout } = await promisify(execFile)('curl', options)

  expect(stdout).toContain(`${server.url}${addressOf(first)}/frames/1`)
})
