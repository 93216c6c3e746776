import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMediaType } from '../../src/dicom/media-type.ts'
import { MalformedMultipart, splitParts } from '../../src/dicom/multipart-related.ts'

const LIMITS = { partHeaderBytes: 200, parts: 100 }
interface Read {
  readonly body: string
  readonly type: string | undefined
  readonly whole: boolean
}

async function split(
  body: Buffer | string,
  boundary: string,
  chunkBytes = 65_536,
  limits = LIMITS,
): Promise<readonly Read[]> {
  const bytes = Buffer.from(body as string, 'latin1')
  async function* source(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  }
  const read: Read[] = []
  for await (const part of splitParts(source(), boundary, limits)) {
    const chunks: Buffer[] = []
    for await (const chunk of part.body) chunks.push(Buffer.from(chunk))
    read.push({
      body: Buffer.concat(chunks).toString('latin1'),
      type: part.headers.get('content-type'),
      whole: part.isWhole(),
    })
  }
  return read
}

const plain = (body: string, whole = true): Read => ({ body, type: 'application/dicom', whole })
const H = 'Content-Type: application/dicom\r\n\r\n'

test.each([
  { what: 'a body that starts with its boundary', body: `--b\r\n${H}one\r\n--b--`, is: [plain('one')] },
  { what: 'a body that starts with a line break', body: `\r\n--b\r\n${H}one\r\n--b--\r\n`, is: [plain('one')] },
  { what: 'a preamble and an epilogue', body: `ignored\r\n--b\r\n${H}one\r\n--b--\r\nignored`, is: [plain('one')] },
  {
    what: 'spaces behind a boundary',
    body: `--b  \r\n${H}one\r\n--b\t\r\n${H}two\r\n--b--`,
    is: [plain('one'), plain('two')],
  },
  {
    what: 'a boundary that begins another word',
    body: `--b\r\n${H}one\r\n--bc\r\n--b-x\r\n--b--`,
    is: [plain('one\r\n--bc\r\n--b-x')],
  },
  { what: 'an empty part', body: `--b\r\n${H}\r\n--b--`, is: [plain('')] },
  { what: 'no last boundary', body: `--b\r\n${H}one`, is: [plain('one', false)] },
  { what: 'a last boundary cut off', body: `--b\r\n${H}one\r\n--b`, is: [plain('one\r\n--b', false)] },
  {
    what: 'a part without headers',
    body: '--b\r\n\r\none\r\n--b--',
    is: [{ body: 'one', type: undefined, whole: true }],
  },
])('$what', async ({ body, is }) => {
  for (const chunkBytes of [1, 2, 3, 7, 1000]) await expect(split(body, 'b', chunkBytes)).resolves.toEqual(is)
})

test('parts come out as they went in, however the stream is cut and whatever they hold', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom('\r', '\n', '-', 'b', 'o', 'x'), maxLength: 40 }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.integer({ min: 1, max: 50 }),
      async (parts, chunkBytes) => {
        const boundary = 'b'.repeat(70)
        const body = parts.map((part) => `--${boundary}\r\n${H}${part}\r\n`).join('') + `--${boundary}--`
        await expect(split(body, boundary, chunkBytes)).resolves.toEqual(parts.map((part) => plain(part)))
      },
    ),
    { numRuns: 300 },
  ))

test('a part that nobody reads is passed over', async () => {
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.from(`--b\r\n${H}one\r\n--b\r\n${H}two\r\n--b--`)
  }
  let count = 0
  for await (const _ of splitParts(source(), 'b', LIMITS)) count += 1
  expect(count).toBe(2)
})

test.each([
  { what: 'no boundary in it', body: 'hello' },
  { what: 'a header that goes on', body: `--b\r\nX: ${'y'.repeat(300)}` },
  { what: 'an end inside a header', body: '--b\r\nContent-Type: app' },
  { what: 'more parts than allowed', body: `--b\r\n${H}x\r\n`.repeat(101) + '--b--' },
])('a body with $what is malformed', async ({ body }) => {
  await expect(split(body, 'b', 100)).rejects.toThrow(MalformedMultipart)
})

test('the splitter pulls no faster than it is read', async () => {
  let pulled = 0
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.from(`--b\r\n${H}`)
    for (;;) {
      pulled += 1
      yield Buffer.alloc(65_536)
    }
  }
  const part = (await splitParts(source(), 'b', LIMITS).next()).value
  let read = 0
  for await (const _ of part?.body ?? []) if ((read += 1) === 10) break
  expect(pulled).toBeLessThanOrEqual(11)
})

test.each([
  ['multipart/related; type="application/dicom"; boundary="a=b;c"', 'a=b;c'],
  ['multipart/related;type=application/dicom;boundary=abc', 'abc'],
  ['Multipart/Related; BOUNDARY=abc ; type=application/dicom', 'abc'],
  ['multipart/related; boundary="a\\"b"', 'a"b'],
])('the boundary of %s', (value, boundary) => {
  const { type, parameters } = readMediaType(value)
  expect(type).toBe('multipart/related')
  expect(parameters.get('boundary')).toBe(boundary)
})
