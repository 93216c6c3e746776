import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { api } from 'dicomweb-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findProgram } from '../../support/peer-missing.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { SHARED_MISSING, sharedFolder, sharedPath } from '../../support/shared.ts'
import type { StowServer } from '../../support/stow-server.ts'
import { multipart, startStowServer } from '../../support/stow-server.ts'
import { FetchedRequest } from '../../support/xml-http-request.ts'

let stow: StowServer
beforeEach(async () => {
  stow = await startStowServer()
})
afterEach(() => stow.close())

const good = makeRadiograph()
const second = makeRadiograph({}, { seed: 2 })
const type = (boundary: string, quoted = true): string =>
  `multipart/related; type="application/dicom"; boundary=${quoted ? `"${boundary}"` : boundary}`
const post = async (body: Buffer, contentType: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(`${stow.root}/studies`, { method: 'POST', body, headers: { 'content-type': contentType, ...headers } }))
    .status

async function curl(...options: string[]): Promise<string> {
  const child = spawn('curl', ['-sS', '--max-time', '20', ...options])
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  return output
}

test.each([
  {
    what: 'a part header that names the transfer syntax (dcm4chee)',
    body: multipart([good.bytes], { header: 'Content-Type: application/dicom;transfer-syntax=1.2.840.10008.1.2.1' }),
    type: type('hilum'),
  },
  { what: 'an unquoted boundary', body: multipart([good.bytes]), type: type('hilum', false) },
  {
    what: 'a boundary of 70 characters',
    body: multipart([good.bytes], { boundary: 'x'.repeat(70) }),
    type: type('x'.repeat(70)),
  },
  {
    what: 'a boundary of odd characters',
    body: multipart([good.bytes], { boundary: "a'()+_,-./:=?b" }),
    type: type("a'()+_,-./:=?b"),
  },
  { what: 'no last boundary', body: multipart([good.bytes], { end: '' }), type: type('hilum') },
  {
    what: 'no line break behind the last boundary',
    body: multipart([good.bytes], { end: '\r\n--hilum--' }),
    type: type('hilum'),
  },
])('$what is understood', async ({ body, type: contentType }) => {
  await expect(post(body, contentType)).resolves.toBe(200)
  expect(stow.registered.get(good.sopInstanceUid)?.sizeBytes).toBe(good.bytes.length)
})

test('without a last boundary an instance that is not whole is not stored', async () => {
  await expect(post(multipart([good.bytes.subarray(0, -10)], { end: '' }), type('hilum'))).resolves.toBe(409)
  const report = makeRadiograph({
    PixelData: undefined,
    Rows: undefined,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.33',
    Modality: 'SR',
  })
  await expect(post(multipart([report.bytes], { end: '' }), type('hilum'))).resolves.toBe(409)
  await expect(post(multipart([report.bytes]), type('hilum'))).resolves.toBe(200)
})

test('the boundary inside pixel data does not end them', async () => {
  const pixels = new Uint16Array(64 * 80)
  Buffer.from(pixels.buffer).write('\r\n--hilumination\r\n--hilum-\r\n--hilum x', 100, 'latin1')
  const tricky = makeRadiograph({}, { pixels })
  await expect(post(multipart([tricky.bytes, second.bytes]), type('hilum'))).resolves.toBe(200)
  expect(stow.registered.get(tricky.sopInstanceUid)?.sizeBytes).toBe(tricky.bytes.length)
})

test.each(['*/*', 'application/dicom+json', 'application/dicom+json;q=0.9, */*;q=0.1'])(
  'Accept: %s gets JSON',
  async (accept) => {
    await expect(post(multipart([good.bytes]), type('hilum'), { accept })).resolves.toBe(200)
  },
)

test('the npm dicomweb-client stores two instances', async () => {
  const client = new api.DICOMwebClient({ url: stow.root, singlepart: false })
  const datasets = [good.bytes, second.bytes].map((bytes) => Uint8Array.from(bytes).buffer)
  vi.stubGlobal('XMLHttpRequest', FetchedRequest)
  try {
    await client.storeInstances({ datasets })
  } finally {
    vi.unstubAllGlobals()
  }
  expect([...stow.registered.keys()]).toEqual([good.sopInstanceUid, second.sopInstanceUid])
})

const curlMissing = findProgram('curl') === undefined
const whySkipped = curlMissing ? ' (skipped: curl is not installed)' : ''
test.skipIf(curlMissing)(`curl stores a body made by hand, chunked too${whySkipped}`, async () => {
  const file = join(stow.directory, 'body')
  await writeFile(file, multipart([good.bytes, second.bytes]))
  const common = [
    '-w',
    '%{http_code}',
    '-o',
    join(stow.directory, 'answer'),
    '-H',
    `Content-Type: ${type('hilum')}`,
    '--data-binary',
    `@${file}`,
    `${stow.root}/studies`,
  ]
  await expect(curl(...common)).resolves.toBe('200')
  await expect(curl('-H', 'Transfer-Encoding: chunked', ...common)).resolves.toBe('200')
})

/** A sender that writes pieces as it likes. */
function raw(headers: readonly string[]): ReturnType<typeof connect> {
  const socket = connect(stow.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    ['POST /dicom-web/studies HTTP/1.1', 'Host: hilum', `Content-Type: ${type('hilum')}`, ...headers, '', ''].join(
      '\r\n',
    ),
  )
  return socket
}

test('a slow sender in tiny chunks is stored', async () => {
  const body = multipart([good.bytes])
  const socket = raw(['Transfer-Encoding: chunked', 'Connection: close'])
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  for (let at = 0; at < body.length; at += 100) {
    const piece = body.subarray(at, at + 100)
    socket.write(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
    if (at % 1000 === 0) await wait(1)
  }
  socket.write('0\r\n\r\n')
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1\.1 200/)
})

test('a sender that goes away keeps what was whole and leaves no half', async () => {
  const body = multipart([good.bytes, second.bytes])
  const socket = raw([`Content-Length: ${body.length}`])
  socket.write(body.subarray(0, body.length - 3000))
  await vi.waitFor(() => expect(stow.registered.has(good.sopInstanceUid)).toBe(true), { timeout: 10_000 })
  await vi.waitFor(async () => expect(await readdir(join(stow.directory, 'incoming'))).toHaveLength(1), {
    timeout: 10_000,
  })
  socket.destroy()
  await vi.waitFor(async () => expect(await readdir(join(stow.directory, 'incoming'))).toEqual([]), { timeout: 10_000 })
  expect([...stow.registered.keys()]).toEqual([good.sopInstanceUid])
  await expect(post(multipart([second.bytes]), type('hilum'))).resolves.toBe(200)
})

test('a length of 4 GB that is only claimed is refused before a byte is read', async () => {
  const socket = raw(['Content-Length: 4294967295'])
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413/)
  socket.destroy()
})

test('parts without number are cut off, and what was stored is told', async () => {
  const body = multipart([good.bytes, ...Array.from({ length: 2100 }, () => Buffer.from('x'))])
  await expect(post(body, type('hilum'))).resolves.toBe(202)
})

test('a hundred times the same bad file leaves nothing on disk', async () => {
  const bad = multipart(Array.from({ length: 100 }, () => good.bytes.subarray(0, 600)))
  await expect(post(bad, type('hilum'))).resolves.toBe(409)
  await expect(readdir(join(stow.directory, 'incoming'))).resolves.toEqual([])
})

const missing = sharedFolder() === undefined
test.skipIf(missing)(
  `every real radiograph, in 13 transfer syntaxes, is stored${missing ? ` (skipped: ${SHARED_MISSING})` : ''}`,
  async () => {
    const large = await startStowServer({ bodyBytes: 100_000_000, instanceBytes: 10_000_000 })
    try {
      const names = ['chest', 'not-chest'].flatMap((folder) =>
        readdirSync(sharedPath('dicom', folder)).map((name) => sharedPath('dicom', folder, name)),
      )
      const body = multipart(names.map((name) => readFileSync(name)))
      // Some of the files are one instance in several encodings, so revisions are counted, not instances.
      const syntaxes = new Set<string>()
      large.register = async ({ transferSyntaxUid }) => {
        syntaxes.add(transferSyntaxUid)
        return { outcome: 'STORED' }
      }
      const response = await fetch(`${large.root}/studies`, {
        method: 'POST',
        body,
        headers: { 'content-type': type('hilum') },
      })
      expect([names.length, response.status]).toEqual([27, 200])
      expect(syntaxes.size).toBe(13)
      await expect(large.kept()).resolves.toHaveLength(27)
    } finally {
      await large.close()
    }
  },
)
