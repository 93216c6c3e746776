import fastify, { type FastifyBaseLogger } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CT_IMAGE } from '../../../src/dicom/sop-class.ts'
import { createLogger } from '../../../src/logger.ts'
import { stowRs, type StowRsOptions } from '../../../src/pipeline/accept/stow-rs.ts'
import { encapsulated, nestedBytes, relabelled, withDataSet } from '../../support/bad-input.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import type { StowServer } from '../../support/stow-server.ts'
import { MULTIPART_TYPE, multipart, startStowServer } from '../../support/stow-server.ts'

let stow: StowServer
beforeEach(async () => {
  stow = await startStowServer()
})
afterEach(() => stow.close())

const REASON = '00081197'
interface Answer {
  readonly status: number
  readonly type: string | null
  readonly stored: readonly (string | undefined)[]
  readonly reasons: readonly unknown[]
  readonly text: string
}
async function post(body: Buffer, options: { path?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  const response = await fetch(`${stow.root}${options.path ?? '/studies'}`, {
    method: 'POST',
    body,
    headers: { 'content-type': MULTIPART_TYPE, ...options.headers },
  })
  const text = await response.text()
  const items = (tag: string): Record<string, { Value?: string[] }>[] =>
    (JSON.parse(text) as Record<string, { Value?: Record<string, { Value?: string[] }>[] }>)[tag]?.Value ?? []
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    stored: items('00081199').map((item) => item['00081155']?.Value?.[0]),
    reasons: items('00081198').map((item) => item[REASON]?.Value?.[0]),
    text,
  }
}

const good = makeRadiograph()

test('an instance is on disk and in the record before it is answered', async () => {
  const answer = await post(multipart([good.bytes]))

  expect(answer).toMatchObject({
    status: 200,
    type: 'application/dicom+json',
    stored: [good.sopInstanceUid],
    reasons: [],
  })
  expect(answer.text).not.toContain('00081198')
  expect(answer.text).toContain(
    `${stow.root}/studies/${good.studyInstanceUid}/series/${good.seriesInstanceUid}/instances/${good.sopInstanceUid}`,
  )
  expect(stow.registered.get(good.sopInstanceUid)?.sizeBytes).toBe(good.bytes.length)
  await expect(stow.kept()).resolves.toHaveLength(1)
})

test('many instances of several studies in one request are each stored', async () => {
  const made = Array.from({ length: 12 }, (_, seed) => makeRadiograph({}, { seed }))
  const answer = await post(multipart(made.map((it) => it.bytes)))
  expect(answer).toMatchObject({ status: 200, stored: made.map((it) => it.sopInstanceUid) })
})

test('the same instance again is a success and one file', async () => {
  await post(multipart([good.bytes]))
  await expect(post(multipart([good.bytes]))).resolves.toMatchObject({ status: 200, stored: [good.sopInstanceUid] })
  await expect(stow.kept()).resolves.toHaveLength(1)
})

test('a body that is one application/dicom instance is taken too', async () => {
  const answer = await post(good.bytes, { headers: { 'content-type': 'application/dicom' } })
  expect(answer).toMatchObject({ status: 200, stored: [good.sopInstanceUid] })
})

const other = makeRadiograph({ StudyInstanceUID: '1.2.3' }, { seed: 9 })
test.each([
  { what: 'bytes that are not DICOM', bytes: Buffer.from('hello'), reason: 0xc000 },
  { what: 'an empty part', bytes: Buffer.alloc(0), reason: 0xc000 },
  { what: 'a file cut off', bytes: good.bytes.subarray(0, -100), reason: 0xc000 },
  { what: 'a data set without meta header', bytes: good.bytes.subarray(132), reason: 0xc000 },
  { what: 'a transfer syntax that nobody knows', bytes: relabelled('1.2.840.10008.1.2.4.999'), reason: 0xc122 },
  {
    what: 'encapsulated pixel data that does not end',
    bytes: encapsulated('1.2.840.10008.1.2.4.50', [Buffer.alloc(10)], { delimiter: false }),
    reason: 0xc000,
  },
  {
    what: 'native pixel data under an encapsulated syntax',
    bytes: relabelled('1.2.840.10008.1.2.4.50'),
    reason: 0xc000,
  },
  { what: 'a missing study UID', bytes: makeRadiograph({ StudyInstanceUID: undefined }).bytes, reason: 0xc000 },
  { what: 'a study UID that is a path', bytes: makeRadiograph({ StudyInstanceUID: '../../x' }).bytes, reason: 0xc000 },
  { what: 'a thousand nested sequences', bytes: withDataSet(nestedBytes(1000)), reason: 0xc000 },
  {
    what: 'a SOP class that is no storage',
    bytes: makeRadiograph({ SOPClassUID: '1.2.840.10008.1.1' }).bytes,
    reason: 0x0122,
  },
  {
    what: 'more bytes than an instance may have',
    bytes: Buffer.concat([good.bytes, Buffer.alloc(4_000_000)]),
    reason: 0xc000,
  },
])('$what fails alone, between two that are stored', async ({ bytes, reason }) => {
  const first = makeRadiograph({}, { seed: 21 })
  const last = makeRadiograph({}, { seed: 22 })

  const answer = await post(multipart([first.bytes, bytes, last.bytes]))

  expect(answer).toMatchObject({ status: 202, stored: [first.sopInstanceUid, last.sopInstanceUid], reasons: [reason] })
  expect(answer.text).not.toMatch(/Phantom|TEST-|at .*\.ts|\/tmp/)
  await expect(stow.kept()).resolves.toHaveLength(2)
  await expect(post(multipart([bytes]))).resolves.toMatchObject({ status: 409, stored: [], reasons: [reason] })
})

test.each([
  { what: 'a CT slice', overrides: { SOPClassUID: CT_IMAGE, Modality: 'CT' } },
  { what: 'a knee', overrides: { BodyPartExamined: 'KNEE' } },
  { what: 'a lateral view', overrides: { ViewPosition: 'LL' } },
  { what: 'no rows', overrides: { Rows: 0 } },
  { what: '65,535 rows', overrides: { Rows: 65_535 } },
  { what: 'a private SOP class', overrides: { SOPClassUID: '1.3.46.670589.1' } },
])('$what is stored; whether it is scored is not asked here', async ({ overrides }) => {
  await expect(post(multipart([makeRadiograph(overrides).bytes]))).resolves.toMatchObject({ status: 200 })
})

test('an instance of another study than the address fails, one of it is stored', async () => {
  const answer = await post(multipart([good.bytes, other.bytes]), { path: `/studies/${good.studyInstanceUid}` })
  expect(answer).toMatchObject({ status: 202, stored: [good.sopInstanceUid], reasons: [0xa901] })
})

test.each([
  { reason: 'OTHER_PATIENT', code: 0xa900 },
  { reason: 'OTHER_STUDY', code: 0xa901 },
] as const)('what the record refuses ($reason) does not stay on disk', async ({ reason, code }) => {
  stow.register = async () => ({ outcome: 'REFUSED', reason })
  await expect(post(multipart([good.bytes]))).resolves.toMatchObject({ status: 409, reasons: [code] })
  await expect(stow.kept()).resolves.toEqual([])
})

test('a body that is left unread ends the connection, so that its sender does not wait', async () => {
  const endless = Buffer.from(`\r\n--hilum\r\nX: ${'a'.repeat(6_000_000)}`)
  const response = await fetch(`${stow.root}/studies`, {
    method: 'POST',
    body: Buffer.concat([multipart([good.bytes], { end: '' }), endless]),
    headers: { 'content-type': MULTIPART_TYPE },
  })

  expect(response.status).toBe(202)
  expect(response.headers.get('connection')).toBe('close')
})

test('a record that cannot be written is 503, to be tried again, and not a success', async () => {
  stow.register = () => Promise.reject(new Error('connection refused to db.internal'))
  const answer = await post(multipart([good.bytes]))
  expect(answer).toMatchObject({ status: 503, stored: [], reasons: [0xa700] })
  expect(answer.text).not.toContain('db.internal')
})

test('a fault of ours fails the one instance that meets it, and its reason stays here', async () => {
  const lines: string[] = []
  const log = createLogger('error', { write: (line) => void lines.push(line) })
  const deps = {
    archive: { receive: () => Promise.reject(new TypeError('a bug')) },
    register: () => Promise.reject(new Error('not reached')),
    now: () => new Date(0),
    limits: { bodyBytes: 8_000_000, partHeaderBytes: 4096, parts: 10 },
  } as unknown as StowRsOptions
  const server = fastify({ loggerInstance: log as FastifyBaseLogger })
  await server.register(stowRs, deps)

  const answer = await server.inject({
    method: 'POST',
    url: '/studies',
    payload: multipart([good.bytes]),
    headers: { 'content-type': MULTIPART_TYPE },
  })

  expect(answer.statusCode).toBe(409)
  expect(answer.body).toContain('272')
  expect(answer.body).not.toContain('a bug')
  expect(lines.join('')).toContain('a bug')
})

test.each([
  { what: 'a boundary that does not occur', body: Buffer.from('hello'), headers: {}, status: 400 },
  { what: 'an empty body', body: Buffer.alloc(0), headers: {}, status: 400 },
  { what: 'no instance between the boundaries', body: Buffer.from('--hilum--'), headers: {}, status: 400 },
  {
    what: 'no boundary in the type',
    body: multipart([good.bytes]),
    headers: { 'content-type': 'multipart/related; type="application/dicom"' },
    status: 400,
  },
  {
    what: 'a part header without end',
    body: Buffer.from(`--hilum\r\nX: ${'y'.repeat(9000)}`),
    headers: {},
    status: 400,
  },
  { what: 'JSON', body: Buffer.from('{}'), headers: { 'content-type': 'application/json' }, status: 415 },
  {
    what: 'metadata and bulk data',
    body: multipart([good.bytes]),
    headers: { 'content-type': 'multipart/related; type="application/dicom+json"; boundary=hilum' },
    status: 415,
  },
  { what: 'gzip', body: multipart([good.bytes]), headers: { 'content-encoding': 'gzip' }, status: 415 },
  { what: 'more than a body may have', body: Buffer.alloc(8_000_001), headers: {}, status: 413 },
  {
    what: 'a study in the address that is no UID',
    body: multipart([good.bytes]),
    headers: {},
    status: 400,
    path: '/studies/..%2f..%2fetc',
  },
])('$what is $status for the whole request', async ({ body, headers, status, path }) => {
  const response = await fetch(`${stow.root}${path ?? '/studies'}`, {
    method: 'POST',
    body,
    headers: { 'content-type': MULTIPART_TYPE, ...headers },
  })
  expect(response.status).toBe(status)
  await expect(stow.kept()).resolves.toEqual([])
})
