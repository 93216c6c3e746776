import { ServiceError } from '../../errors.ts'

/** The body is larger than the configuration allows. */
export class BodyTooLarge extends ServiceError {
  readonly code = 'BODY_TOO_LARGE'
  readonly remedy = 'fix-input'
}

/** The sender went away before the body was whole. */
export class BodyAborted extends ServiceError {
  readonly code = 'BODY_ABORTED'
  readonly remedy = 'retry-later'
}

/** Passes a body on, counting itself what no declared length proves; a body that breaks off throws BodyAborted. */
export async function* limitBody(body: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0
  const chunks = body[Symbol.asyncIterator]()
  for (;;) {
    const next = await chunks.next().catch((cause: unknown) => {
      throw new BodyAborted('The body broke off', { cause })
    })
    if (next.done === true) return
    bytes += next.value.length
    if (bytes > limitBytes) throw new BodyTooLarge('The body is larger than the limit')
    yield next.value
  }
}
