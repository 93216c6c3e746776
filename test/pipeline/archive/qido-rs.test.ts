import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { api } from 'dicomweb-client'
import { deriveUid } from '../../../src/dicom/uid.ts'
import { qidoRs } from '../../../src/pipeline/archive/qido-rs.ts'
import { type ArchiveServer, startArchiveServer } from '../../support/archive-server.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { FetchedRequest } from '../../support/xml-http-request.ts'

type Row = Readonly<Record<string, { vr: string; Value?: readonly unknown[] }>>

let server: ArchiveServer
const first = makeRadiograph(
  { PatientName: 'Doe^Jane', StudyDescription: '100% chest_pa', AccessionNumber: 'A-1' },
  { seed: 1 },
)
const second = makeRadiograph(
  {
    PatientName: 'Roe^Richard',
    StudyDate: '20260301',
    StudyTime: '0830',
    Modality: 'DX',
    ReferringPhysicianName: 'Müller^Ä',
  },
  { seed: 2 },
)
const sameSeries = makeRadiograph(
  {
    PatientName: 'Doe^Jane',
    StudyInstanceUID: first.studyInstanceUid,
    SeriesInstanceUID: first.seriesInstanceUid,
    PatientID: 'TEST-1',
    InstanceNumber: 2,
  },
  { seed: 3 },
)
const otherSeries = makeRadiograph(
  {
    PatientName: 'Doe^Jane',
    StudyInstanceUID: first.studyInstanceUid,
    PatientID: 'TEST-1',
    Modality: 'DX',
    SeriesNumber: 2,
  },
  { seed: 4 },
)

beforeAll(async () => {
  server = await startArchiveServer(async (scope, { record }) => {
    await scope.register(qidoRs, { record })
  })
  for (const { bytes } of [first, second, sameSeries, otherSeries]) await server.store(bytes)
})
afterAll(() => server.close())
afterEach(() => vi.unstubAllGlobals())

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${server.url}${path}`, { headers })
  const rows = (await response.json()) as readonly Row[]
  return { response, rows }
}
const studiesOf = async (query: string): Promise<readonly unknown[]> =>
  (await get(`/studies?${query}`)).rows.map((row) => row['0020000D']?.Value?.[0])

test('a study tells what it holds and where it is', async () => {
  const { response, rows } = await get(`/studies?PatientID=TEST-1`)

  expect(response.headers.get('content-type')).toBe('application/dicom+json')
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00080056': { vr: 'CS', Value: ['ONLINE'] },
    '00080061': { vr: 'CS', Value: ['CR', 'DX'] },
    '00081190': { vr: 'UR', Value: [`${server.url}/studies/${first.studyInstanceUid}`] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane' }] },
    '00201206': { vr: 'IS', Value: [2] },
    '00201208': { vr: 'IS', Value: [3] },
  })
})

test.each([
  { rule: 'a keyword', query: 'PatientID=TEST-1', found: [first] },
  { rule: 'a tag', query: '00100020=TEST-2', found: [second] },
  { rule: 'a tag in lower case', query: '0020000d=' + first.studyInstanceUid, found: [first] },
  {
    rule: 'UIDs between commas',
    query: `StudyInstanceUID=${first.studyInstanceUid},${second.studyInstanceUid}`,
    found: [second, first],
  },
  { rule: 'UIDs between escaped commas', query: `StudyInstanceUID=${first.studyInstanceUid}%2C1.2.3`, found: [first] },
  { rule: 'UIDs between backslashes', query: `StudyInstanceUID=${first.studyInstanceUid}%5C1.2.3`, found: [first] },
  {
    rule: 'a UID given twice',
    query: `StudyInstanceUID=${first.studyInstanceUid}&StudyInstanceUID=${second.studyInstanceUid}`,
    found: [second, first],
  },
  { rule: 'a name without regard to case', query: 'PatientName=doe^jane', found: [first] },
  { rule: 'a name with empty components at its end', query: 'PatientName=Doe^Jane^^', found: [first] },
  { rule: 'a star', query: 'PatientName=*oe*', found: [second, first] },
  { rule: 'an escaped star', query: 'PatientName=D%2A', found: [first] },
  { rule: 'a question mark', query: 'PatientName=%3Foe%5ERi*', found: [second] },
  { rule: 'accents', query: `ReferringPhysicianName=${encodeURIComponent('müller*')}`, found: [second] },
  { rule: 'only a part of a name, which is nothing', query: 'PatientName=Doe', found: [] },
  { rule: 'the letters of SQL as letters', query: 'StudyDescription=100%25*_pa', found: [first] },
  { rule: 'an underscore that stands for itself', query: 'StudyDescription=100*t_p_', found: [] },
  { rule: 'a quote as a letter', query: `PatientID=${encodeURIComponent("' or 1=1 --")}`, found: [] },
  { rule: 'a date', query: 'StudyDate=20260301', found: [second] },
  { rule: 'a range of dates', query: 'StudyDate=20260101-20260131', found: [first] },
  { rule: 'dates from', query: 'StudyDate=20260201-', found: [second] },
  { rule: 'dates until', query: 'StudyDate=-20260131', found: [first] },
  { rule: 'a range of times', query: 'StudyTime=0800-0859', found: [second] },
  { rule: 'times from', query: 'StudyTime=12-', found: [first] },
  { rule: 'an empty value, which matches all', query: 'PatientName=', found: [second, first] },
  { rule: 'two quotes, which match nothing entered', query: 'AccessionNumber=""', found: [second] },
  { rule: 'a modality of any series', query: 'ModalitiesInStudy=CR', found: [first] },
  { rule: 'a list of modalities', query: 'ModalitiesInStudy=CR,MG', found: [first] },
  { rule: 'an attribute of an instance', query: `SOPInstanceUID=${sameSeries.sopInstanceUid}`, found: [first] },
  { rule: 'a number', query: 'Rows=80', found: [second, first] },
])('$rule is matched', async ({ query, found }) => {
  const studies = await studiesOf(query)

  expect(new Set(studies)).toEqual(new Set(found.map((it) => it.studyInstanceUid)))
})

test('pages do not overlap, and what is left is said', async () => {
  const one = await get('/studies?limit=1')
  const two = await get('/studies?limit=1&offset=1')

  expect(one.response.headers.get('warning')).toMatch(/^299 .*: There are 1 additional results/)
  expect(two.response.headers.get('warning')).toBeNull()
  expect(new Set([...one.rows, ...two.rows].map((row) => row['0020000D']?.Value?.[0]))).toEqual(
    new Set([first.studyInstanceUid, second.studyInstanceUid]),
  )
})

test.each([
  'limit=-1',
  'offset=-1',
  'PatientName=%00',
  'limit=many',
  'StudyDate=yesterday',
  'Rows=tall',
  'StudyDate=20260101-20260102-20260103',
])('%s is a bad request', async (query) => {
  const { response } = await get(`/studies?${query}`)

  expect(response.status).toBe(400)
})

test('a UID of the address that is none is a bad request', async () => {
  const { response } = await get(`/studies/..%2f..%2fetc/series`)

  expect(response.status).toBe(400)
})

test('nothing found is an empty list', async () => {
  const { response, rows } = await get('/studies?PatientID=NOBODY')

  expect(response.status).toBe(200)
  expect(rows).toEqual([])
})

test('what is not supported is ignored with a warning', async () => {
  const { response, rows } = await get('/studies?fuzzymatching=true&orderby=StudyDate')

  expect(rows).toHaveLength(2)
  expect(response.headers.get('warning')).toMatch(/fuzzymatching parameter is not supported.*orderby is not supported/)
})

test('series of a study come by their number, with their count', async () => {
  const { rows } = await get(`/studies/${first.studyInstanceUid}/series`)

  expect(
    rows.map((row) => [row['0020000E']?.Value, row['00060000'], row['00080060']?.Value, row['00201209']?.Value]),
  ).toEqual([
    [[first.seriesInstanceUid], undefined, ['CR'], [2]],
    [[otherSeries.seriesInstanceUid], undefined, ['DX'], [1]],
  ])
  expect(rows[0]?.['00081190']?.Value).toEqual([
    `${server.url}/studies/${first.studyInstanceUid}/series/${first.seriesInstanceUid}`,
  ])
})

test('instances of a study name their study and series', async () => {
  const { rows } = await get(`/studies/${first.studyInstanceUid}/instances`)

  expect(rows).toHaveLength(3)
  expect(rows[1]).toMatchObject({
    '00080016': { Value: [sameSeries.sopClassUid] },
    '00080018': { Value: [sameSeries.sopInstanceUid] },
    '0020000D': { Value: [first.studyInstanceUid] },
    '0020000E': { Value: [first.seriesInstanceUid] },
    '00200013': { Value: [2] },
    '00280010': { Value: [80] },
  })
  expect(rows[1]).not.toHaveProperty('00280106')
})

test('instances of all studies carry what their study and series say', async () => {
  const { rows } = await get(`/instances?SOPInstanceUID=${second.sopInstanceUid}`)

  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    '00080020': { Value: ['20260301'] },
    '00080060': { Value: ['DX'] },
    '00100020': { Value: ['TEST-2'] },
  })
})

test.each([
  { query: 'includefield=WindowCenter,00281051', tags: ['00281050', '00281051'] },
  { query: 'includefield=WindowCenter&includefield=00281051', tags: ['00281050', '00281051'] },
  { query: 'includefield=all', tags: ['00281050', '00281051', '00280101', '00080020'] },
  { query: 'WindowCenter=2048', tags: ['00281050'] },
])('$query adds attributes', async ({ query, tags }) => {
  const { rows } = await get(`/studies/${first.studyInstanceUid}/series/${first.seriesInstanceUid}/instances?${query}`)

  expect(rows).toHaveLength(2)
  for (const tag of tags) expect(rows[0]).toHaveProperty(tag)
})

test('a study that is not here has no series', async () => {
  const { rows } = await get(`/studies/${deriveUid('nothing')}/series`)

  expect(rows).toEqual([])
})

test.each([
  { accept: 'application/dicom+json', status: 200 },
  { accept: '*/*', status: 200 },
  { accept: 'text/html, application/json;q=0.8', status: 200 },
  { accept: 'multipart/related; type="application/dicom+xml"', status: 406 },
])('$accept is answered $status', async ({ accept, status }) => {
  const { response } = await get('/studies', { accept })

  expect(response.status).toBe(status)
})

test('dicomweb-client finds studies, series and instances', async () => {
  vi.stubGlobal('XMLHttpRequest', FetchedRequest)
  const client = new api.DICOMwebClient({ url: server.url, singlepart: false })

  const [studies, series, instances] = await Promise.all([
    Promise.resolve(client.searchForStudies({ queryParams: { PatientName: 'Doe*', limit: 10 } })),
    Promise.resolve(client.searchForSeries({ studyInstanceUID: first.studyInstanceUid })),
    Promise.resolve(client.searchForInstances({ studyInstanceUID: first.studyInstanceUid })),
  ])

  expect([studies.length, series.length, instances.length]).toEqual([1, 2, 3])
})
