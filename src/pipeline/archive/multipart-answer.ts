import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'

export interface AnswerPart {
  /** With its parameters. */
  readonly contentType: string
  readonly location: string
  readonly body: AsyncIterable<Uint8Array> | Uint8Array
}

export interface MultipartAnswer {
  readonly contentType: string
  readonly body: Readable
}

/**
 * A multipart/related body (RFC 2387) that is made as it is read: one part at a time is held. The first part is made
 * before this resolves, so that what fails at once is still answered with a status.
 */
export async function multipartAnswer(mediaType: string, parts: AsyncIterable<AnswerPart>): Promise<MultipartAnswer> {
  const boundary = randomUUID()
  const iterator = parts[Symbol.asyncIterator]()
  const first = await iterator.next()
  let isRead = false

  async function* write(): AsyncGenerator<Uint8Array> {
    isRead = true
    try {
      for (let step = first; step.done !== true; step = await iterator.next()) {
        const { contentType, location, body } = step.value
        yield Buffer.from(`\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Location: ${location}\r\n\r\n`)
        if (Symbol.asyncIterator in body) yield* body
        else yield body
      }
      yield Buffer.from(`\r\n--${boundary}--\r\n`)
    } finally {
      // A client that leaves early leaves no open file behind.
      await iterator.return?.()
    }
  }

  const body = Readable.from(write(), { objectMode: false })
  // A generator that never began runs no `finally`: the file that was opened for the first part is closed here.
  body.once('close', () => {
    if (!isRead && first.done !== true && first.value.body instanceof Readable) first.value.body.destroy()
  })
  return { contentType: `multipart/related; type="${mediaType}"; boundary="${boundary}"`, body }
}
