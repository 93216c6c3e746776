import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'

export interface MultipartBody {
  readonly contentType: string
  readonly contentLength: number
  /** The bytes, read from the files as they are asked for: memory does not grow with them. */
  readonly stream: Readable
}

/**
 * A multipart/related body of Part 10 files (PS3.18 8.6.1.2). The parts name no transfer syntax: their meta headers
 * do, and Orthanc's DICOMweb plugin 1.7 answers 200 to a part that names one, and stores nothing.
 */
export function multipartBody(files: readonly { readonly path: string; readonly sizeBytes: number }[]): MultipartBody {
  const boundary = `hilum-${randomUUID()}`
  const heads = files.map((_file, index) => Buffer.from(`${index === 0 ? '' : '\r\n'}--${boundary}\r\n${PART_HEADER}`))
  const end = Buffer.from(`\r\n--${boundary}--\r\n`)
  const sizes = [...heads.map((it) => it.length), ...files.map((it) => it.sizeBytes), end.length]
  return {
    contentType: `multipart/related; type="application/dicom"; boundary=${boundary}`,
    contentLength: sizes.reduce((sum, size) => sum + size, 0),
    stream: Readable.from(write(files, heads, end), { objectMode: false }),
  }
}

const PART_HEADER = 'Content-Type: application/dicom\r\n\r\n'

async function* write(
  files: readonly { readonly path: string }[],
  heads: readonly Uint8Array[],
  end: Uint8Array,
): AsyncGenerator<Uint8Array> {
  for (const [index, file] of files.entries()) {
    yield heads[index] ?? end
    for await (const chunk of createReadStream(file.path, { highWaterMark: 256 * 1024 })) yield chunk
  }
  yield end
}
