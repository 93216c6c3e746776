import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { ArchiveUnavailable } from '../../../src/errors.ts'
import type { Destination } from '../../../src/pipeline/send/destination.ts'
import { storeInstance } from '../../../src/pipeline/send/stow-client.ts'
import { bodyOf, withServer } from '../../support/faulty-server.ts'

const UID = '2.25.77'
const folder = mkdtempSync(join(tmpdir(), 'hilum-stow-'))
const file = { path: join(folder, 'a.dcm'), sizeBytes: 11, sopClassUid: '1.2', sopInstanceUid: UID }
writeFileSync(file.path, 'hello world')
afterAll(() => rm(folder, { recursive: true }))

const referenced = (warning?: number) => ({
  '00081199': { vr: 'SQ', Value: [{ ...uid(), ...(warning === undefined ? {} : { '00081196': us(warning) }) }] },
})
const failed = (reason: number) => ({ '00081198': { vr: 'SQ', Value: [{ ...uid(), '00081197': us(reason) }] } })
const uid = () => ({ '00081155': { vr: 'UI', Value: [UID] } })
const us = (value: number) => ({ vr: 'US', Value: [value] })
const xml = (sequence: string, reason: string) => `<?xml version="1.0"?><NativeDicomModel xmlns="x">
  <DicomAttribute tag="${sequence}" vr="SQ"><Item number="1">
    <DicomAttribute tag="00081155" vr="UI"><Value number="1">${UID}</Value></DicomAttribute>${reason}
  </Item></DicomAttribute></NativeDicomModel>`

// Statuses and reasons: PS3.18 tables 10.5.3-1 and I.2-2; `present` is what QIDO-RS says there.
test.each([
  { what: '200 that names it', status: 200, body: referenced(), present: true, kind: 'stored' },
  {
    what: '200 that names it, and nothing kept',
    status: 200,
    body: referenced(),
    kind: 'unavailable',
    says: 'not there',
  },
  { what: '200 that names it where QIDO-RS is unknown', status: 200, body: referenced(), qido: 405, kind: 'stored' },
  { what: '200 in XML', status: 200, body: xml('00081199', ''), present: true, kind: 'stored' },
  {
    what: '202 with the warning B000',
    status: 202,
    body: referenced(0xb000),
    present: true,
    kind: 'stored',
    says: 'B000',
  },
  { what: '202 with A900', status: 202, body: failed(0xa900), kind: 'refused', says: 'A900' },
  {
    what: '202 with A900, but it is there',
    status: 202,
    body: failed(0xa900),
    present: true,
    kind: 'stored',
    says: 'already',
  },
  { what: '202 with 0110', status: 202, body: failed(0x0110), kind: 'unavailable', says: '0110' },
  { what: '200 with A700', status: 200, body: failed(0xa700), kind: 'unavailable', says: 'A700' },
  {
    what: '409 in XML',
    status: 409,
    body: xml('00081198', '<DicomAttribute tag="00081197" vr="US"><Value number="1">49152</Value></DicomAttribute>'),
    kind: 'refused',
    says: 'C000',
  },
  { what: '409 without a body', status: 409, body: '', kind: 'refused', says: '409' },
  {
    what: '409 without a body, but it is there',
    status: 409,
    body: '',
    present: true,
    kind: 'stored',
    says: 'already',
  },
  { what: '200 with garbage, and it is there', status: 200, body: '<html>ok', present: true, kind: 'stored' },
  { what: '200 with garbage, and nothing kept', status: 200, body: 'ok', kind: 'unavailable', says: 'not there' },
  {
    what: '200 with an empty list of failures only',
    status: 200,
    body: { '00081198': { vr: 'SQ' } },
    kind: 'unavailable',
  },
  {
    what: '200 with garbage where QIDO-RS is unknown',
    status: 200,
    body: '{"a":',
    qido: 404,
    kind: 'stored',
    says: 'cannot be asked',
  },
  { what: '202 with garbage where QIDO-RS is unknown', status: 202, body: '', qido: 501, kind: 'unavailable' },
  { what: '400', status: 400, body: 'no', kind: 'refused', says: '400' },
  { what: '401', status: 401, body: '', kind: 'refused', says: 'sign-in' },
  { what: '413', status: 413, body: '', kind: 'refused', says: '413' },
  { what: '500', status: 500, body: 'stack trace', kind: 'unavailable', says: '500' },
  { what: '501', status: 501, body: '', kind: 'refused', says: '501' },
  { what: '307 to elsewhere', status: 307, body: '', kind: 'refused', says: 'redirect' },
])('$what is $kind', async ({ status, body, kind, says, present, qido }) => {
  const seen: string[] = []
  const outcome = await withServer(
    async (request, response) => {
      seen.push(`${request.method} ${request.url}`)
      await bodyOf(request)
      if (request.method === 'GET') {
        response.statusCode = qido ?? 200
        return void response.end(JSON.stringify(present === true ? [{ '00080018': { vr: 'UI', Value: [UID] } }] : []))
      }
      response.writeHead(status, status === 307 ? { location: 'http://127.0.0.1:1/' } : {})
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    },
    (stowUrl) => store({ name: 'pacs', stowUrl }),
  )

  expect(outcome.kind).toBe(kind)
  expect(JSON.stringify(outcome)).toContain(says ?? '')
  expect(seen[0]).toBe('POST /dicom-web/studies')
  expect(seen.slice(1).every((it) => it === `GET /dicom-web/instances?SOPInstanceUID=${UID}`)).toBe(true)
})

test('503 says when to come again', async () => {
  const outcome = await withServer(
    (_request, response) => void response.writeHead(503, { 'retry-after': '7' }).end(),
    (stowUrl) => store({ name: 'pacs', stowUrl }),
  )

  expect(outcome).toEqual({ kind: 'unavailable', reason: 'answered 503', retryAfterMs: 7000 })
})

test('a connection lost after the last byte may be tried again', async () => {
  const outcome = await withServer(
    async (request) => {
      await bodyOf(request)
      request.socket.destroy()
    },
    (stowUrl) => store({ name: 'pacs', stowUrl }),
  )

  expect(outcome.kind).toBe('unavailable')
})

test('a port where nobody listens, and an answer that never comes, are waits with an end', async () => {
  const closed = await store({ name: 'pacs', stowUrl: new URL('http://127.0.0.1:9/studies') })
  const silent = await withServer(
    () => undefined,
    (stowUrl) => store({ name: 'pacs', stowUrl, silenceLimitMs: 300 }),
  )

  expect(closed).toMatchObject({ kind: 'unavailable', reason: 'no answer: ECONNREFUSED' })
  expect(silent).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('TIMEOUT') })
})

test('the signal ends a store that hangs', async () => {
  const stopping = AbortSignal.timeout(200)

  await withServer(
    () => undefined,
    (stowUrl) => expect(storeInstance({ name: 'pacs', stowUrl }, file, stopping)).rejects.toThrow('aborted'),
  )
})

test.each([
  { what: 'a file that is gone', file: { ...file, path: join(folder, 'gone.dcm') } },
  { what: 'a file of another size than announced', file: { ...file, sizeBytes: 99 } },
])('$what is our archive’s failure, not the destination’s', async ({ file: faulty }) => {
  await withServer(
    async (request, response) => {
      await bodyOf(request).catch(() => undefined)
      response.end()
    },
    (stowUrl) =>
      expect(storeInstance({ name: 'pacs', stowUrl }, faulty, AbortSignal.timeout(5000))).rejects.toThrow(
        ArchiveUnavailable,
      ),
  )
})

test.each([
  { path: '/studies', posts: '/studies', asks: '/instances' },
  { path: '/pacs/studies/', posts: '/pacs/studies', asks: '/pacs/instances' },
  { path: '/pacs/studies/2.25.1', posts: '/pacs/studies/2.25.1', asks: '/pacs/instances' },
  { path: '/dicom-web', posts: '/dicom-web/studies', asks: '/dicom-web/instances' },
  { path: '/', posts: '/studies', asks: '/instances' },
])('$path posts to $posts and asks $asks', async ({ path, posts, asks }) => {
  const seen: string[] = []
  await withServer(
    async (request, response) => {
      seen.push(`${request.url}`.replace(/\?.*/, ''))
      await bodyOf(request)
      response.end('[]')
    },
    (url) => store({ name: 'pacs', stowUrl: new URL(path, url) }),
  )

  expect(seen).toEqual([posts, asks])
})

test.each([
  {
    what: 'a user in the address',
    change: withUser,
    authorization: `Basic ${Buffer.from('ann:s:cret').toString('base64')}`,
  },
  {
    what: 'a bearer token',
    change: (it: Destination): Destination => ({ ...it, authorization: { kind: 'bearer', token: 'abc' } }),
    authorization: 'Bearer abc',
  },
])(
  '$what becomes a header, the body has the announced length and the bytes of the file',
  async ({ change, authorization }) => {
    let seen: { authorization: string | undefined; contentType: string | undefined; body: string } | undefined
    await withServer(
      async (request, response) => {
        const body = (await bodyOf(request)).toString()
        seen ??= { authorization: request.headers.authorization, contentType: request.headers['content-type'], body }
        response.end(JSON.stringify(referenced()))
      },
      (stowUrl) => store(change({ name: 'pacs', stowUrl })),
    )

    const boundary = /^multipart\/related; type="application\/dicom"; boundary=(\S+)$/.exec(
      seen?.contentType ?? '',
    )?.[1]
    expect(seen?.authorization).toBe(authorization)
    expect(seen?.body).toBe(
      `--${boundary}\r\nContent-Type: application/dicom\r\n\r\nhello world\r\n--${boundary}--\r\n`,
    )
  },
)

function withUser(destination: Destination): Destination {
  const stowUrl = new URL(destination.stowUrl)
  stowUrl.username = 'ann'
  stowUrl.password = 's:cret'
  return { ...destination, stowUrl }
}

function store(destination: Destination) {
  return storeInstance(destination, file, AbortSignal.timeout(10_000))
}
