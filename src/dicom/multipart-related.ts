import { BadRequest } from '../errors.ts'

export interface Part {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** To be read, or left, before the next part is asked for. */
  readonly body: AsyncIterable<Buffer>
  /** Whether a boundary ended the part; known once the body is read. */
  readonly isWhole: () => boolean
}

export interface PartLimits {
  readonly partHeaderBytes: number
  readonly parts: number
}

/** A body whose frame cannot be followed: no boundary, a header block without an end, too many parts. */
export class MalformedMultipart extends BadRequest {
  override readonly code = 'MALFORMED_MULTIPART'
}

/**
 * Splits multipart/related (RFC 2046 5.1.1) as it is pulled: no more than a chunk is held, and a slow reader slows
 * the sender. A missing last boundary ends the last part; a boundary counts only with what must follow it.
 */
export async function* splitParts(
  source: AsyncIterable<Buffer>,
  boundary: string,
  limits: PartLimits,
): AsyncGenerator<Part> {
  const chunks = source[Symbol.asyncIterator]()
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  // The first boundary may open the body, without the line break that every other one has.
  let pending = Buffer.from('\r\n')
  let ended = false

  async function more(): Promise<boolean> {
    const next = ended ? undefined : await chunks.next()
    if (next === undefined || next.done === true) {
      ended = true
      return false
    }
    pending = Buffer.concat([pending, next.value])
    return true
  }

  /** What stands after a delimiter at `at`: the bytes to skip and whether it is the last; undefined = not a delimiter. */
  async function closing(at: number): Promise<{ readonly skip: number; readonly last: boolean } | undefined> {
    for (;;) {
      const after = pending.subarray(at + delimiter.length, at + delimiter.length + 256)
      const line = /^(?:(--)|[ \t]*\r\n)/.exec(after.toString('latin1'))
      if (line) return { skip: at + delimiter.length + line[0].length, last: line[1] !== undefined }
      if (!/^(?:-?|[ \t]*\r?)$/.test(after.toString('latin1')) || after.length === 256 || !(await more()))
        return undefined
    }
  }

  /** Yields up to the next delimiter and moves behind it; returns how it ended. */
  async function* content(): AsyncGenerator<Buffer, 'next' | 'last' | 'cut'> {
    let from = 0
    for (;;) {
      const at = pending.indexOf(delimiter, from)
      if (at >= 0) {
        const found = await closing(at)
        if (found === undefined) {
          from = at + 1
          continue
        }
        if (at > 0) yield pending.subarray(0, at)
        pending = pending.subarray(found.skip)
        return found.last ? 'last' : 'next'
      }
      const sure = pending.length - delimiter.length + 1
      if (sure > 0) {
        const piece = pending.subarray(0, sure)
        pending = pending.subarray(sure)
        yield piece
      }
      from = 0
      if (!(await more())) {
        if (pending.length > 0) yield pending
        pending = Buffer.alloc(0)
        return 'cut'
      }
    }
  }

  async function readHeaders(): Promise<ReadonlyMap<string, string>> {
    for (;;) {
      // A part without headers starts with the empty line itself.
      const end = pending.subarray(0, 2).toString('latin1') === '\r\n' ? 0 : pending.indexOf('\r\n\r\n')
      const size = end < 0 ? pending.length : end
      if (size > limits.partHeaderBytes) throw new MalformedMultipart('The header of a part is too large')
      if (end >= 0) {
        const lines = pending.toString('latin1', 0, end).split('\r\n')
        pending = pending.subarray(end === 0 ? 2 : end + 4)
        return new Map(lines.flatMap(readLine))
      }
      if (!(await more())) throw new MalformedMultipart('The body ends inside the header of a part')
    }
  }

  const preamble = content()
  let state: 'next' | 'last' | 'cut' | undefined
  while (state === undefined) {
    const step = await preamble.next()
    if (step.done === true) state = step.value
  }
  if (state === 'cut') throw new MalformedMultipart('The boundary does not occur in the body')
  for (let count = 1; state === 'next'; count += 1) {
    if (count > limits.parts) throw new MalformedMultipart('The body has too many parts')
    const headers = await readHeaders()
    const rest = content()
    let how: 'next' | 'last' | 'cut' | undefined
    const pull = async (): Promise<IteratorResult<Buffer>> => {
      const step = how === undefined ? await rest.next() : undefined
      if (step === undefined) return { done: true, value: undefined }
      if (step.done !== true) return { done: false, value: step.value }
      how = step.value
      return { done: true, value: undefined }
    }
    yield {
      headers,
      body: { [Symbol.asyncIterator]: () => ({ next: pull }) },
      isWhole: () => how === 'next' || how === 'last',
    }
    while (how === undefined) await pull()
    state = how
  }
}

function readLine(line: string): [string, string][] {
  const colon = line.indexOf(':')
  return colon <= 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]]
}
